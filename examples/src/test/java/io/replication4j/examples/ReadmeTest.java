package io.replication4j.examples;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** The README shows nothing that does not compile, and names nothing that is not there. */
class ReadmeTest {

  private static final Path ROOT = Path.of("..");
  private static final Pattern SNIPPET = Pattern.compile("(?s)```java\n(.*?)```");
  private static final Pattern LINK = Pattern.compile("\\]\\(([^)#:]+)\\)");
  private static final Pattern LAUNCHER = Pattern.compile("(?m)^(examples/[a-z-]+)");

  private final String readme;

  ReadmeTest() throws IOException {
    readme = Files.readString(ROOT.resolve("README.md"));
  }

  @Test
  void everySnippetIsPartOfACompiledExample() throws IOException {
    List<String> sources = sources();
    List<String> snippets = matches(SNIPPET);
    assertFalse(snippets.isEmpty());
    for (String snippet : snippets) {
      assertTrue(
          sources.stream().anyMatch(source -> source.contains(unindented(snippet))),
          () -> "in no example:\n" + snippet);
    }
  }

  @Test
  void everyLinkLeadsToAFile() throws IOException {
    for (String link : matches(LINK)) {
      assertTrue(Files.exists(ROOT.resolve(link)), link);
    }
  }

  @Test
  void everyLauncherIsThere() throws IOException {
    for (String launcher : matches(LAUNCHER)) {
      assertTrue(Files.isExecutable(ROOT.resolve(launcher)), launcher);
    }
  }

  @Test
  void theTestCommandIsWhatCiRuns() throws IOException {
    String ci = Files.readString(ROOT.resolve(".ci/run"));
    assertTrue(readme.contains("\nmvn verify -Plab\n"));
    assertTrue(ci.contains("build \"$jdk17\" verify -Plab\n"), "mvn verify -Plab");
  }

  private List<String> matches(Pattern pattern) {
    List<String> found = new ArrayList<>();
    Matcher matcher = pattern.matcher(readme);
    while (matcher.find()) {
      found.add(matcher.group(1));
    }
    return found;
  }

  private static List<String> sources() throws IOException {
    List<String> sources = new ArrayList<>();
    try (Stream<Path> files = Files.walk(Path.of("src/main/java"))) {
      for (Path file : files.filter(f -> f.toString().endsWith(".java")).toList()) {
        sources.add(unindented(Files.readString(file)));
      }
    }
    return sources;
  }

  /** Without the indentation, which depends on where a snippet stands. */
  private static String unindented(String text) {
    return text.replaceAll("(?m)^[ \t]+", "");
  }
}
