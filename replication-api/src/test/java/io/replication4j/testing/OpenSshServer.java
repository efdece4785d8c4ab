package io.replication4j.testing;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;

/**
 * A real OpenSSH {@code sshd} on a high port of the loopback interface, with keys of its own in a
 * directory of its own. Lets the user of this JVM in with {@link #identity}. Closing it ends the
 * server and its sessions, and removes the directory.
 */
public final class OpenSshServer implements AutoCloseable {

  private static final Path SSHD = Path.of("/usr/sbin/sshd");
  private static final Duration START = Duration.ofSeconds(20);

  private final Path directory;
  private final int port;
  private final Process process;

  private OpenSshServer(Path directory, int port, Process process) {
    this.directory = directory;
    this.port = port;
    this.process = process;
  }

  /** Whether OpenSSH's server and key tools are installed: on Debian the package openssh-server. */
  public static boolean isInstalled() {
    return Files.isExecutable(SSHD) && Files.isExecutable(Path.of("/usr/bin/ssh-keygen"));
  }

  /**
   * Starts a server.
   *
   * @param settings further lines for its sshd_config(5)
   * @throws IOException if it does not listen within 20 s; the message holds its log
   */
  public static OpenSshServer start(String... settings) throws IOException, InterruptedException {
    Path directory = Files.createTempDirectory("openssh-server");
    try {
      keygen(directory.resolve("host_key"), "ed25519", "");
      keygen(directory.resolve("id"), "ed25519", "");
      Files.copy(directory.resolve("id.pub"), directory.resolve("authorized_keys"));
      int port = freePort();
      Files.write(directory.resolve("sshd_config"), config(directory, port, settings));
      Files.writeString(directory.resolve("known_hosts"), knownHost(directory, port));
      OpenSshServer server = new OpenSshServer(directory, port, launch(directory));
      server.awaitListening();
      return server;
    } catch (IOException | InterruptedException | RuntimeException e) {
      delete(directory);
      throw e;
    }
  }

  private static List<String> config(Path directory, int port, String... settings) {
    List<String> lines = new ArrayList<>(List.of(settings));
    lines.addAll(
        List.of(
            "Port " + port,
            "ListenAddress 127.0.0.1",
            "HostKey " + directory.resolve("host_key"),
            "AuthorizedKeysFile " + directory.resolve("authorized_keys"),
            "StrictModes no",
            "UsePAM no",
            "PermitRootLogin yes",
            "PasswordAuthentication no",
            "KbdInteractiveAuthentication no",
            "MaxAuthTries 20",
            "MaxStartups 100",
            "PidFile none"));
    return lines;
  }

  private static String knownHost(Path directory, int port) throws IOException {
    String[] key = Files.readString(directory.resolve("host_key.pub")).split(" ");
    return "[127.0.0.1]:" + port + " " + key[0] + " " + key[1].strip() + "\n";
  }

  private static Process launch(Path directory) throws IOException {
    if ("root".equals(System.getProperty("user.name"))) {
      Files.createDirectories(
          Path.of(
              "/run/sshd")); // where it confines its helper process; the package makes it at boot
    }
    return new ProcessBuilder(
            SSHD.toString(), "-D", "-e", "-f", directory.resolve("sshd_config").toString())
        .redirectErrorStream(true)
        .redirectOutput(directory.resolve("log").toFile())
        .start();
  }

  private void awaitListening() throws IOException {
    long deadline = System.nanoTime() + START.toNanos();
    while (!accepts()) {
      if (!process.isAlive() || System.nanoTime() > deadline) {
        process.destroy();
        throw new IOException("sshd does not listen on port " + port + ": " + log());
      }
      LockSupport.parkNanos(Duration.ofMillis(10).toNanos());
    }
  }

  private boolean accepts() {
    try (Socket socket = new Socket()) {
      socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), 1000);
      return true;
    } catch (IOException e) {
      return false;
    }
  }

  /**
   * Makes a key pair, {@code file} and {@code file.pub}. An empty passphrase leaves the private key
   * open.
   */
  public static Path keygen(Path file, String type, String passphrase)
      throws IOException, InterruptedException {
    Process keygen =
        new ProcessBuilder(
                "ssh-keygen",
                "-q",
                "-t",
                type,
                "-N",
                passphrase,
                "-C",
                "test",
                "-f",
                file.toString())
            .redirectErrorStream(true)
            .start();
    String output = new String(keygen.getInputStream().readAllBytes());
    if (keygen.waitFor() != 0) {
      throw new IOException("ssh-keygen failed: " + output);
    }
    return file;
  }

  /** A port on which nothing listens at the moment. */
  public static int freePort() throws IOException {
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return socket.getLocalPort();
    }
  }

  /** Lets the owner of {@code identity} in too. */
  public void authorize(Path identity) throws IOException {
    Path authorized = directory.resolve("authorized_keys");
    Files.writeString(
        authorized, Files.readString(authorized) + Files.readString(Path.of(identity + ".pub")));
  }

  public int port() {
    return port;
  }

  /** The user that it lets in: the one of this JVM. */
  public String user() {
    return System.getProperty("user.name");
  }

  /** {@code user@127.0.0.1:port}. */
  public String address() {
    return user() + "@127.0.0.1:" + port;
  }

  /** The file of a private key that it accepts; the public one is beside it, with {@code .pub}. */
  public Path identity() {
    return directory.resolve("id");
  }

  /** A known_hosts file that names it. */
  public Path knownHosts() {
    return directory.resolve("known_hosts");
  }

  /** A directory that goes away with the server, for further files. */
  public Path directory() {
    return directory;
  }

  /** What it has logged so far. */
  public String log() {
    try {
      return Files.readString(directory.resolve("log"));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** How many logins it has accepted so far: one for each TCP connection that got in. */
  public long logins() {
    return log().lines().filter(line -> line.contains("Accepted publickey")).count();
  }

  /**
   * Breaks all connections, as a crash of the server's host would; the server goes on listening.
   */
  public void breakConnections() {
    List<ProcessHandle> sessions = sessions();
    sessions.forEach(ProcessHandle::destroyForcibly);
    sessions.forEach(session -> session.onExit().join());
  }

  private List<ProcessHandle> sessions() {
    return process.descendants().filter(OpenSshServer::isSshd).toList();
  }

  private static boolean isSshd(ProcessHandle handle) {
    return handle.info().command().filter(command -> command.contains("sshd")).isPresent();
  }

  @Override
  public void close() throws IOException {
    List<ProcessHandle> sessions = sessions();
    process.destroy();
    try {
      if (!process.waitFor(10, TimeUnit.SECONDS)) {
        process.destroyForcibly();
      }
    } catch (InterruptedException e) {
      process.destroyForcibly();
      Thread.currentThread().interrupt();
    }
    sessions.forEach(ProcessHandle::destroyForcibly);
    delete(directory);
  }

  private static void delete(Path directory) throws IOException {
    if (!Files.exists(directory)) {
      return; // closed before
    }
    try (Stream<Path> files = Files.walk(directory)) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(file);
      }
    }
  }
}
