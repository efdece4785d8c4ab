package io.replication4j.btrfs.testing;

import io.replication4j.btrfs.testing.FakeNode.FakeDirectory;
import io.replication4j.btrfs.testing.FakeNode.FakeSubvolume;
import java.util.ArrayList;
import java.util.List;

/**
 * {@code btrfs subvolume}, {@code btrfs property} and {@code btrfs filesystem}, as btrfs-progs 6.2
 * do it.
 */
final class FakeSubvolumeVerbs {

  private final FakeVolume volume;

  FakeSubvolumeVerbs(FakeVolume volume) {
    this.volume = volume;
  }

  /**
   * @param words those after {@code btrfs}, and after its global options
   */
  String run(List<String> words) {
    String verb = words.get(0) + " " + words.get(1);
    List<String> rest =
        words.subList(2, words.size()).stream().filter(word -> !word.equals("--")).toList();
    switch (verb) {
      case "subvolume list":
        return new FakeListing(volume).subvolumes(rest.get(0), rest.get(1));
      case "subvolume create":
        create(rest.get(0));
        return "";
      case "subvolume snapshot":
        snapshot(rest.subList(rest.size() - 2, rest.size()), rest.contains("-r"));
        return "";
      case "subvolume delete":
        delete(rest.stream().filter(word -> !word.equals("--commit-after")).toList());
        return "";
      case "property get":
        return get(rest.get(0), rest.get(1));
      case "property set":
        set(rest.get(0).equals("-t") ? rest.subList(2, rest.size()) : rest);
        return "";
      case "subvolume sync": // what is deleted here is gone at once
      case "filesystem sync":
        requireThere(rest.get(0), "ERROR: Could not open: ");
        return "";
      default:
        throw new FakeRefusal("btrfs: unknown token '" + verb + "'");
    }
  }

  private void requireThere(String path, String words) {
    try {
      volume.need(path);
    } catch (FakeErrno e) {
      throw new FakeRefusal(words + e.words());
    }
  }

  private void create(String path) {
    if (volume.find(path).isPresent()) {
      throw new FakeRefusal("ERROR: target path already exists: " + path);
    }
    requireThere(parent(path), "ERROR: cannot access '" + parent(path) + "': ");
    try {
      volume.createSubvolume(path);
    } catch (FakeErrno e) {
      throw new FakeRefusal("ERROR: cannot create subvolume: " + e.words());
    }
  }

  private static String parent(String path) {
    return path.substring(0, path.lastIndexOf('/'));
  }

  private static String name(String path) {
    return path.substring(path.lastIndexOf('/') + 1);
  }

  /** Into a directory that exists, the snapshot goes with the name of its origin. */
  private void snapshot(List<String> fromTo, boolean readOnly) {
    String from = fromTo.get(0);
    requireThere(from, "ERROR: Could not statfs: ");
    boolean into = volume.find(fromTo.get(1)).filter(FakeDirectory.class::isInstance).isPresent();
    String to = into ? fromTo.get(1) + "/" + name(from) : fromTo.get(1);
    requireThere(parent(to), "ERROR: cannot access '" + parent(to) + "': ");
    try {
      volume.snapshot(volume.subvolume(from), to, readOnly);
    } catch (FakeErrno e) {
      throw new FakeRefusal(
          e.words().equals(FakeErrno.INVALID)
              ? "ERROR: Not a Btrfs subvolume: " + e.words()
              : "ERROR: cannot snapshot '" + from + "': " + e.words());
    }
  }

  /** Goes on after a failure. */
  private void delete(List<String> paths) {
    List<String> failures = new ArrayList<>();
    for (String path : paths) {
      try {
        volume.deleteSubvolume(path);
      } catch (FakeErrno e) {
        failures.add(
            switch (e.words()) {
              case FakeErrno.NO_ENTRY -> "ERROR: Could not statfs: " + e.words();
              case FakeErrno.INVALID -> "ERROR: Not a Btrfs subvolume: " + e.words();
              default -> "ERROR: Could not destroy subvolume/snapshot: " + e.words();
            });
      }
    }
    if (!failures.isEmpty()) {
      throw new FakeRefusal(String.join("\n", failures));
    }
  }

  private String get(String path, String property) {
    requireThere(path, "ERROR: Could not open: ");
    if (!property.equals("ro")) {
      throw new FakeRefusal("ERROR: unknown property: " + property);
    }
    return "ro="
        + (volume.need(path) instanceof FakeSubvolume subvolume && subvolume.readOnly)
        + "\n";
  }

  private void set(List<String> words) {
    requireThere(words.get(0), "ERROR: Could not open: ");
    if (!words.get(1).equals("ro")
        || !(volume.need(words.get(0)) instanceof FakeSubvolume subvolume)) {
      throw new FakeRefusal("ERROR: unknown property: " + words.get(1));
    }
    boolean readOnly = Boolean.parseBoolean(words.get(2));
    if (subvolume.readOnly && !readOnly && subvolume.receivedUuid.isPresent()) {
      throw new FakeRefusal(
          "ERROR: cannot flip ro->rw with received_uuid set, use force if you really want that");
    }
    subvolume.readOnly = readOnly;
  }
}
