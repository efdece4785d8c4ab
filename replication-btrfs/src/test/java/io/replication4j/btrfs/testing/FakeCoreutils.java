package io.replication4j.btrfs.testing;

import io.replication4j.btrfs.testing.FakeNode.FakeDirectory;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;

/** What is neither btrfs(8) nor lists, as coreutils 9.1 and perl 5.36 do it. */
final class FakeCoreutils {

  private final FakeVolume volume;
  private final FakeBtrfs.Exchange exchange;

  FakeCoreutils(FakeVolume volume, FakeBtrfs.Exchange exchange) {
    this.volume = volume;
    this.exchange = exchange;
  }

  /**
   * @param argv the program first
   * @param input its standard input
   */
  String run(List<String> argv, String input) {
    List<String> words = argv.subList(1, argv.size());
    return switch (argv.get(0)) {
      case "readlink" -> resolve(operands(words));
      case "cat" -> words.get(0).startsWith("/sys/") ? "2\n" : new FakeListing(volume).mounts();
      case "find" -> new FakeListing(volume).find(words);
      case "stat" -> type(operands(words).get(0));
      case "mkdir" -> makeDirectories("mkdir", operands(words));
      case "install" -> makeDirectories("install", operands(words));
      case "rmdir" -> removeDirectory(operands(words).get(0));
      case "mv" -> words.contains("--exchange") ? exchangeByMv(words) : move(operands(words));
      case "perl" -> perl(words);
      case "sh" -> script(words.get(1), words.subList(3, words.size()));
      case "touch" -> touch(words.get(1), words.get(2));
      case "dd" -> write(words.get(0).substring("of=".length()), input);
      default -> throw new FakeRefusal(127, "sh: 1: " + argv.get(0) + ": not found");
    };
  }

  private static List<String> operands(List<String> words) {
    return words.subList(words.indexOf("--") + 1, words.size());
  }

  /** There are no symbolic links. */
  private static String resolve(List<String> paths) {
    return paths.stream().map(path -> path + '\0').collect(Collectors.joining());
  }

  private String type(String path) {
    if (volume.isAbove(path)) {
      return "directory\n";
    }
    try {
      return volume.need(path) instanceof FakeDirectory ? "directory\n" : "regular file\n";
    } catch (FakeErrno e) {
      throw new FakeRefusal("stat: cannot statx '" + path + "': " + e.words());
    }
  }

  /** Goes on after a failure. */
  private String makeDirectories(String tool, List<String> paths) {
    List<String> failures = new ArrayList<>();
    for (String path : paths) {
      try {
        volume.makeDirectories(path);
      } catch (FakeErrno e) {
        failures.add(tool + ": cannot create directory '" + path + "': " + e.words());
      }
    }
    if (!failures.isEmpty()) {
      throw new FakeRefusal(String.join("\n", failures));
    }
    return "";
  }

  private String removeDirectory(String path) {
    try {
      volume.remove(path);
    } catch (FakeErrno e) {
      if (!e.words().equals(FakeErrno.NOT_EMPTY)) {
        throw new FakeRefusal("rmdir: failed to remove '" + path + "': " + e.words());
      }
    }
    return "";
  }

  /** The scripts that are run to their end. No receiver outlives its sync here. */
  private String script(String text, List<String> parameters) {
    if (text.startsWith("# look for a receiver")) {
      return "";
    } else if (text.contains("btrfs -q receive -f")) {
      return new FakeSpool(volume, parameters.get(1)).receive(parameters);
    } else if (text.contains("rm -f")) {
      FakeSpool.removeAll(volume, parameters.get(0));
      return "";
    }
    return removePlace(parameters.get(0));
  }

  private String removePlace(String path) {
    String directory = path.substring(0, path.lastIndexOf('/'));
    try {
      long time = FakeVolume.timeOf(volume.need(directory));
      volume.remove(path);
      volume.setTime(directory, time);
    } catch (FakeErrno e) {
      throw new FakeRefusal("rmdir: failed to remove '" + path + "': " + e.words());
    }
    return "";
  }

  private String move(List<String> fromTo) {
    String from = fromTo.get(0);
    if (volume.find(from).isEmpty()) {
      throw new FakeRefusal("mv: cannot stat '" + from + "': " + FakeErrno.NO_ENTRY);
    }
    try {
      volume.move(from, fromTo.get(1));
    } catch (FakeErrno e) {
      throw new FakeRefusal(
          "mv: cannot move '" + from + "' to '" + fromTo.get(1) + "': " + e.words());
    }
    return "";
  }

  private String exchangeByMv(List<String> words) {
    if (exchange != FakeBtrfs.Exchange.MV) {
      throw new FakeRefusal(
          "mv: unrecognized option '--exchange'\nTry 'mv --help' for more information.");
    }
    if (words.contains("--help")) {
      return "Usage: mv [OPTION]... [-T] SOURCE DEST\n";
    }
    return exchange(operands(words), "mv: cannot exchange: ");
  }

  private String perl(List<String> words) {
    if (exchange != FakeBtrfs.Exchange.PERL) {
      throw new FakeRefusal(127, "sh: 1: perl: not found");
    }
    return words.size() == 4 ? exchange(words.subList(2, 4), "exchange: ") : "";
  }

  private String exchange(List<String> names, String words) {
    try {
      volume.exchange(names.get(0), names.get(1));
      return "";
    } catch (FakeErrno e) {
      throw new FakeRefusal(words + e.words());
    }
  }

  private String touch(String from, String to) {
    if (volume.find(from).isEmpty()) {
      throw new FakeRefusal(
          "touch: failed to get attributes of '" + from + "': " + FakeErrno.NO_ENTRY);
    }
    try {
      volume.setTime(to, FakeVolume.timeOf(volume.need(from)));
    } catch (FakeErrno e) {
      throw new FakeRefusal("touch: cannot touch '" + to + "': " + e.words());
    }
    return "";
  }

  private String write(String path, String input) {
    try {
      volume.write(path, input);
    } catch (FakeErrno e) {
      throw new FakeRefusal("dd: failed to open '" + path + "': " + e.words());
    }
    return "";
  }
}
