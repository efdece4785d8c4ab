package io.replication4j.examples.replicate;

import io.replication4j.Filesystem;
import io.replication4j.FilesystemName;
import io.replication4j.btrfs.BtrfsBackend;
import io.replication4j.command.CommandRunner;
import io.replication4j.command.LocalCommandRunner;
import io.replication4j.command.ssh.SshCommandRunner;
import io.replication4j.command.ssh.SshOptions;
import io.replication4j.examples.replicate.Address.Server;
import io.replication4j.lvm.ImageBackend;
import io.replication4j.lvm.LvmBackend;
import io.replication4j.spi.StorageBackend;
import io.replication4j.zfs.ZfsBackend;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;

/**
 * The hosts of one call: one SSH session for each, however many filesystems it has. Not
 * thread-safe.
 */
final class Hosts implements AutoCloseable {

  private static final List<String> SUDO = List.of("sudo", "-n");

  private final ConnectOptions options;
  private final Map<Optional<Server>, CommandRunner> runners = new HashMap<>();
  private final Map<String, StorageBackend> backends = new HashMap<>();

  Hosts(ConnectOptions options) {
    this.options = options;
  }

  /**
   * The filesystem of that address; connects to its host, if that is the first one there.
   *
   * @throws IllegalArgumentException if no filesystem can have such a name
   */
  Filesystem filesystem(Address address) throws InterruptedException {
    String key = address.scheme() + " " + address.server();
    StorageBackend known = backends.get(key);
    if (known == null) {
      known = backend(address);
      backends.put(key, known);
    }
    return Filesystem.of(known, FilesystemName.of(address.path()));
  }

  private StorageBackend backend(Address address) throws InterruptedException {
    CommandRunner known = runners.get(address.server());
    if (known == null) {
      known = connect(address.server());
      runners.put(address.server(), known);
    }
    return switch (address.scheme()) {
      case "zfs" -> ZfsBackend.on(known);
      case "lvm" -> LvmBackend.on(known, options.lvm());
      case "file" -> ImageBackend.on(known, options.images());
      default -> BtrfsBackend.on(known, options.btrfs());
    };
  }

  private CommandRunner connect(Optional<Server> server) throws InterruptedException {
    if (server.isPresent()) {
      return SshCommandRunner.connect(ssh(server.get()));
    }
    return options.sudo ? LocalCommandRunner.withPrivilege(SUDO) : LocalCommandRunner.create();
  }

  private SshOptions ssh(Server server) {
    SshOptions.Builder ssh = SshOptions.builder(server.host());
    server.user().ifPresent(ssh::user);
    server.port().ifPresent(ssh::port);
    options.identities.forEach(ssh::identity);
    options.knownHosts.forEach(ssh::knownHosts);
    options.jump.ifPresent(ssh::jump);
    Optional.ofNullable(System.console())
        .ifPresent(
            console ->
                ssh.passphrases(askAt(file -> console.readPassword("Passphrase of %s: ", file))));
    return ssh.privilege(options.sudo ? SUDO : List.of()).build();
  }

  private static Function<Path, Optional<char[]>> askAt(Function<Path, char[]> console) {
    return file -> Optional.ofNullable(console.apply(file));
  }

  @Override
  public void close() {
    runners.values().forEach(CommandRunner::close);
  }
}
