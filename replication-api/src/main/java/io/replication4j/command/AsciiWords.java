package io.replication4j.command;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/**
 * Carries words past a JVM whose locale is not UTF-8: there, {@link ProcessBuilder} would replace
 * what the locale lacks by question marks, and a name would become another one. Such words travel
 * as octal escapes to printf(1) in a small sh(1) script.
 */
final class AsciiWords {

  private AsciiWords() {}

  /** The same words where they arrive unharmed, else a script that becomes the command. */
  static List<String> of(List<String> words) {
    boolean safe = "UTF-8".equalsIgnoreCase(System.getProperty("sun.jnu.encoding"));
    return safe || words.stream().allMatch(AsciiWords::isAscii) ? words : script(words);
  }

  static List<String> script(List<String> words) {
    StringBuilder assignments = new StringBuilder();
    List<String> references = new ArrayList<>();
    for (String word : words) {
      if (isAscii(word)) {
        references.add(Quoting.quote(word));
      } else {
        String name = "w" + references.size();
        assignments.append(name).append("=$(printf '").append(octal(word)).append(".'); ");
        references.add("\"${" + name + "%.}\"");
      }
    }
    return List.of("/bin/sh", "-c", assignments + "exec " + String.join(" ", references));
  }

  private static boolean isAscii(String word) {
    return word.chars().allMatch(c -> c < 0x80);
  }

  private static String octal(String word) {
    StringBuilder escapes = new StringBuilder();
    for (byte b : word.getBytes(StandardCharsets.UTF_8)) {
      escapes.append(String.format("\\%03o", b & 0xff));
    }
    return escapes.toString();
  }
}
