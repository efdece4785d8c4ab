package io.replication4j.command.ssh;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What ssh_config(5) files say about one host. {@code Host} blocks and {@code Include} are read;
 * {@code Match} blocks are skipped, {@code Match all} excepted. As in ssh(1) the first value of a
 * keyword wins, except that {@code IdentityFile} adds up.
 */
final class SshConfigFile {

  private static final Pattern LINE =
      Pattern.compile("\\s*([A-Za-z]\\w*)(?:\\s*=\\s*|\\s+)(.*?)\\s*");
  private static final Pattern WORD = Pattern.compile("\"([^\"]*)\"|(\\S+)");
  private static final int MAX_DEPTH = 16;

  private final String host;
  private final Map<String, List<String>> values = new TreeMap<>();

  private SshConfigFile(String host) {
    this.host = host;
  }

  /** The settings for {@code host} in {@code file}; a file that does not exist has none. */
  static SshConfigFile read(Path file, String host) {
    SshConfigFile config = new SshConfigFile(host);
    config.read(file, 0);
    return config;
  }

  static SshConfigFile empty(String host) {
    return new SshConfigFile(host);
  }

  /** The words of {@code keyword}, none if it is not set. */
  List<String> words(String keyword) {
    return values.getOrDefault(keyword.toLowerCase(Locale.ROOT), List.of());
  }

  Optional<String> word(String keyword) {
    return words(keyword).stream().findFirst();
  }

  private void read(Path file, int depth) {
    if (!Files.isReadable(file) || depth > MAX_DEPTH) {
      return;
    }
    boolean applies = true;
    try {
      for (String line : Files.readAllLines(file)) {
        Matcher matcher = LINE.matcher(line);
        if (matcher.matches()) {
          applies =
              accept(
                  file,
                  matcher.group(1).toLowerCase(Locale.ROOT),
                  split(matcher.group(2)),
                  applies,
                  depth);
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException(file + " cannot be read: " + e.getMessage(), e);
    }
  }

  /** Returns whether the lines after this one apply to the host. */
  private boolean accept(Path file, String keyword, List<String> words, boolean applies, int depth)
      throws IOException {
    if (keyword.equals("host")) {
      return matches(words, host);
    }
    if (keyword.equals("match")) {
      return words.equals(List.of("all"));
    }
    if (applies && keyword.equals("include")) {
      include(file, words, depth);
    } else if (applies) {
      put(keyword, words);
    }
    return applies;
  }

  private void put(String keyword, List<String> words) {
    if (keyword.equals("identityfile")) {
      values.computeIfAbsent(keyword, k -> new ArrayList<>()).addAll(words);
    } else if (!words.isEmpty()) {
      values.putIfAbsent(keyword, words);
    }
  }

  private void include(Path file, List<String> patterns, int depth) throws IOException {
    for (String pattern : patterns) {
      Path path =
          pattern.startsWith("~/")
              ? Home.directory().resolve(pattern.substring(2))
              : Path.of(pattern);
      Path absolute = file.toAbsolutePath().resolveSibling(path);
      for (Path included : glob(absolute)) {
        read(included, depth + 1);
      }
    }
  }

  private static List<Path> glob(Path pattern) throws IOException {
    List<Path> paths = new ArrayList<>();
    Path directory = pattern.getParent();
    if (directory != null && Files.isDirectory(directory)) {
      try (DirectoryStream<Path> files =
          Files.newDirectoryStream(directory, pattern.getFileName().toString())) {
        files.forEach(paths::add);
      }
    }
    return paths.stream().sorted().toList();
  }

  private static List<String> split(String text) {
    List<String> words = new ArrayList<>();
    for (Matcher matcher = WORD.matcher(text); matcher.find(); ) {
      String quoted = matcher.group(1);
      if (quoted == null && matcher.group(2).startsWith("#")) {
        break;
      }
      words.add(quoted == null ? matcher.group(2) : quoted);
    }
    return words;
  }

  /** Host patterns: any match counts, unless a negated one matches too. */
  static boolean matches(List<String> patterns, String host) {
    boolean matched = false;
    for (String pattern : patterns) {
      if (pattern.startsWith("!")) {
        if (wildcard(pattern.substring(1), host)) {
          return false;
        }
      } else {
        matched |= wildcard(pattern, host);
      }
    }
    return matched;
  }

  private static boolean wildcard(String pattern, String text) {
    StringBuilder regex = new StringBuilder();
    for (int i = 0; i < pattern.length(); i++) {
      char c = pattern.charAt(i);
      regex.append(c == '*' ? ".*" : c == '?' ? "." : Pattern.quote(String.valueOf(c)));
    }
    return Pattern.compile(regex.toString(), Pattern.CASE_INSENSITIVE).matcher(text).matches();
  }
}
