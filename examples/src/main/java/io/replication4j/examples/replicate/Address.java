package io.replication4j.examples.replicate;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Where a filesystem is, as one types it: {@code zfs:tank/data}, {@code
 * zfs://user@host:port/tank/data}, {@code btrfs:/srv/data}, {@code
 * btrfs://user@host:port/srv/data}, {@code lvm:vg0/data}, {@code lvm://user@host:port/vg0/data},
 * {@code file:/srv/image}, {@code file://user@host:port/srv/image}. {@code %XX} stands for a byte
 * of UTF-8, anywhere; every other character for itself.
 *
 * @param scheme {@code zfs}, {@code btrfs}, {@code lvm} or {@code file}
 * @param server the host; empty: this one
 * @param path the dataset's name, volume group and volume, or the absolute path of the subvolume,
 *     file or block device
 */
record Address(String scheme, Optional<Server> server, String path) {

  /**
   * {@code [user@]host[:port]}; an IPv6 address in brackets; what is missing is ssh's to decide.
   */
  record Server(Optional<String> user, String host, Optional<Integer> port) {

    @Override
    public String toString() {
      return user.map(u -> u + "@").orElse("") + host + port.map(p -> ":" + p).orElse("");
    }
  }

  /** The schemes that name things by a path on the host. */
  private static final Set<String> BY_PATH = Set.of("btrfs", "file");

  /** What can be sent where; an image can be a target only. */
  private static final Map<String, Set<String>> TARGETS =
      Map.of(
          "zfs", Set.of("zfs"),
          "btrfs", Set.of("btrfs"),
          "lvm", Set.of("lvm", "file"),
          "file", Set.of());

  private static final Pattern ADDRESS =
      Pattern.compile("(zfs|btrfs|lvm|file):(?://([^/]*)(/.*)|((?!//).*))", Pattern.DOTALL);
  private static final Pattern SERVER =
      Pattern.compile(
          "(?:([^@]+)@)?(\\[[0-9A-Fa-f:.]+(?:%[^\\]]+)?]|[^@:\\[\\]]+)(?::([0-9]{1,5}))?");

  /**
   * Reads an address.
   *
   * @throws IllegalArgumentException if it is none; the message says what one looks like
   */
  static Address parse(String text) {
    Matcher matcher = ADDRESS.matcher(text);
    if (!matcher.matches()) {
      throw notAnAddress(text, "");
    }
    String scheme = matcher.group(1);
    Optional<Server> server = Optional.ofNullable(matcher.group(2)).map(s -> server(s, text));
    String path = server.isPresent() ? matcher.group(3) : matcher.group(4);
    return new Address(scheme, server, path(scheme, decode(path, text), server.isPresent(), text));
  }

  private static Server server(String server, String text) {
    Matcher matcher = SERVER.matcher(server);
    if (!matcher.matches()) {
      throw notAnAddress(text, "'" + server + "' is not [user@]host[:port]; ");
    }
    return new Server(
        Optional.ofNullable(matcher.group(1)).map(user -> decode(user, text)),
        matcher.group(2),
        Optional.ofNullable(matcher.group(3)).map(Integer::valueOf));
  }

  private static String path(String scheme, String path, boolean remote, String text) {
    boolean isPath = BY_PATH.contains(scheme);
    String name = !isPath && remote ? path.substring(1) : path;
    if (isPath && !name.startsWith("/")) {
      throw notAnAddress(text, "the path of a subvolume, file or device is absolute; ");
    }
    String trimmed =
        name.length() > 1 && name.endsWith("/") ? name.substring(0, name.length() - 1) : name;
    if (trimmed.isEmpty()) {
      throw notAnAddress(text, "it names no filesystem; ");
    }
    return trimmed;
  }

  private static String decode(String encoded, String text) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    byte[] in = encoded.getBytes(StandardCharsets.UTF_8);
    for (int i = 0; i < in.length; i++) {
      if (in[i] == '%') {
        bytes.write(hex(in, i + 1, text) << 4 | hex(in, i + 2, text));
        i += 2;
      } else {
        bytes.write(in[i]);
      }
    }
    try {
      return StandardCharsets.UTF_8
          .newDecoder()
          .decode(ByteBuffer.wrap(bytes.toByteArray()))
          .toString();
    } catch (CharacterCodingException e) {
      throw notAnAddress(text, "what it encodes is not UTF-8; ");
    }
  }

  private static int hex(byte[] in, int index, String text) {
    int digit = index < in.length ? Character.digit(in[index], 16) : -1;
    if (digit < 0) {
      throw notAnAddress(text, "a '%' is written as %25; ");
    }
    return digit;
  }

  private static IllegalArgumentException notAnAddress(String text, String why) {
    return new IllegalArgumentException(
        "'"
            + text.replaceAll("\\p{Cntrl}", "?")
            + "' is not an address: "
            + why
            + "expected zfs:tank/data, zfs://user@host:port/tank/data, btrfs:/srv/data"
            + ", btrfs://user@host:port/srv/data, lvm:vg0/data, lvm://user@host:port/vg0/data,"
            + " file:/srv/image or file://user@host:port/srv/image");
  }

  /** Whether what is there can be replicated to that kind of place. */
  boolean canBeSentTo(Address target) {
    return TARGETS.getOrDefault(scheme, Set.of()).contains(target.scheme);
  }

  /** The same text for the same filesystem, whoever logs in: what a pair's name is made of. */
  String canonical() {
    return server
        .map(
            s ->
                scheme
                    + "://"
                    + s.host.toLowerCase(Locale.ROOT)
                    + ":"
                    + s.port.orElse(22)
                    + "/"
                    + path)
        .orElse(scheme + ":" + path);
  }

  @Override
  public String toString() {
    return server
        .map(s -> scheme + "://" + s + (path.startsWith("/") ? "" : "/") + path)
        .orElse(scheme + ":" + path);
  }
}
