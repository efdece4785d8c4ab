package io.replication4j.command.ssh;

import io.replication4j.command.SshDestination;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.GeneralSecurityException;
import java.security.PublicKey;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.apache.sshd.client.config.hosts.KnownHostEntry;
import org.apache.sshd.common.config.keys.KeyUtils;
import org.apache.sshd.common.config.keys.PublicKeyEntry;
import org.apache.sshd.common.config.keys.PublicKeyEntryResolver;

/**
 * The known_hosts files of one server, sshd(8) "SSH_KNOWN_HOSTS FILE FORMAT": plain and hashed
 * names, {@code [host]:port}, {@code @revoked}. Read again at each connection. Host certificates
 * are not used: {@code @cert-authority} lines are skipped.
 */
final class KnownHosts {

  /** What the files say about a key. */
  enum Verdict {
    KNOWN,
    UNKNOWN,
    CHANGED,
    REVOKED
  }

  private static final int DEFAULT_PORT = 22;

  private final SshDestination destination;
  private final List<Path> files;

  KnownHosts(SshDestination destination, List<Path> files) {
    this.destination = destination;
    this.files = files;
  }

  Verdict judge(PublicKey key) {
    List<KnownHostEntry> entries = entries();
    List<KnownHostEntry> same = entries.stream().filter(entry -> isKey(entry, key)).toList();
    if (same.stream().anyMatch(entry -> "revoked".equals(entry.getMarker()))) {
      return Verdict.REVOKED;
    }
    if (!same.isEmpty()) {
      return Verdict.KNOWN;
    }
    return entries.stream().allMatch(entry -> "revoked".equals(entry.getMarker()))
        ? Verdict.UNKNOWN
        : Verdict.CHANGED;
  }

  /** The key types that are known of this server: it is to present one of these. */
  Set<String> keyTypes() {
    return entries().stream()
        .filter(entry -> entry.getMarker() == null || entry.getMarker().isEmpty())
        .map(entry -> entry.getKeyEntry().getKeyType())
        .collect(Collectors.toSet());
  }

  /** Which line speaks of this server, for messages. */
  Optional<Path> fileWithEntry() {
    return files.stream().filter(file -> !entries(file).isEmpty()).findFirst();
  }

  Path firstFile() {
    return files.get(0);
  }

  /** Adds the key to the first file, which is made if it is missing, readable by its owner only. */
  void add(PublicKey key) throws IOException {
    Path file = firstFile().toAbsolutePath();
    if (!Files.exists(file)) {
      Files.createDirectories(file.getParent());
      Files.createFile(
          file, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
    }
    String line = name() + " " + PublicKeyEntry.toString(key) + "\n";
    Files.writeString(file, endsInMidLine(file) ? "\n" + line : line, StandardOpenOption.APPEND);
  }

  private static boolean endsInMidLine(Path file) throws IOException {
    String text = Files.readString(file);
    return !text.isEmpty() && !text.endsWith("\n");
  }

  /** The server as known_hosts files name it. */
  String name() {
    return destination.port() == DEFAULT_PORT
        ? destination.host()
        : "[" + destination.host() + "]:" + destination.port();
  }

  private List<KnownHostEntry> entries() {
    return files.stream().flatMap(file -> entries(file).stream()).toList();
  }

  private List<KnownHostEntry> entries(Path file) {
    List<KnownHostEntry> matching = new ArrayList<>();
    for (KnownHostEntry entry : read(file)) {
      if (entry.getKeyEntry() != null
          && !"cert-authority".equals(entry.getMarker())
          && speaksOfServer(entry)) {
        matching.add(entry);
      }
    }
    return matching;
  }

  /** A pattern such as {@code *} is compared with the name as files write it, port and all. */
  private boolean speaksOfServer(KnownHostEntry entry) {
    return entry.isHostMatch(destination.host(), destination.port())
        || entry.isHostMatch(name(), DEFAULT_PORT);
  }

  private static Collection<KnownHostEntry> read(Path file) {
    if (!Files.isReadable(file)) {
      return List.of();
    }
    try {
      return KnownHostEntry.readKnownHostEntries(file);
    } catch (IOException e) {
      throw new IllegalStateException(
          file + " cannot be read as a known_hosts file: " + e.getMessage(), e);
    }
  }

  private static boolean isKey(KnownHostEntry entry, PublicKey key) {
    try {
      PublicKey known = entry.getKeyEntry().resolvePublicKey(null, PublicKeyEntryResolver.IGNORING);
      return known != null && KeyUtils.compareKeys(known, key);
    } catch (IOException | GeneralSecurityException e) {
      return false; // a key of a type that this JVM cannot read is not the one that it was just
      // shown
    }
  }
}
