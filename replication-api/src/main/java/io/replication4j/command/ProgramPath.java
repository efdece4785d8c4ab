package io.replication4j.command;

import java.io.File;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Optional;

/** Finds programs as execvp(3) does. */
final class ProgramPath {

  private ProgramPath() {}

  /** The executable file that {@code program} stands for on this host, or empty. */
  static Optional<Path> find(String program) {
    if (program.contains("/")) {
      return Optional.of(Path.of(program)).filter(ProgramPath::isProgram);
    }
    String path = Optional.ofNullable(System.getenv("PATH")).orElse("/usr/bin:/bin");
    return Arrays.stream(path.split(File.pathSeparator))
        .map(directory -> Path.of(directory.isEmpty() ? "." : directory, program))
        .filter(ProgramPath::isProgram)
        .findFirst();
  }

  private static boolean isProgram(Path file) {
    return Files.isRegularFile(file) && Files.isExecutable(file);
  }
}
