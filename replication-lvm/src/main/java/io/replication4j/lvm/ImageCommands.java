package io.replication4j.lvm;

import io.replication4j.FilesystemName;
import io.replication4j.VersionId;
import io.replication4j.command.Command;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** What is run for images: {@link ImageScripts}. Names are absolute, so none is an option. */
final class ImageCommands {

  /** For an increment that is as large as the image. */
  private static final Duration LONGEST = Duration.ofDays(2);

  private final ImageOptions options;

  ImageCommands(ImageOptions options) {
    this.options = options;
  }

  /** What filesystems still hold back is no matter: only files are looked at. */
  Command look(List<FilesystemName> images, boolean isForUse) {
    List<String> words = new ArrayList<>(List.of(isForUse ? "yes" : "no"));
    images.forEach(image -> words.addAll(place(image)));
    return Command.script("look at images", ImageScripts.LOOK, words.toArray(new String[0]));
  }

  /**
   * @param mark of what was looked at
   */
  Command receive(FilesystemName image, String label, String expected, String mark) {
    return script(
        "receive an image",
        ImageScripts.RECEIVE,
        image,
        Volume.encode(label),
        how(),
        expected,
        mark);
  }

  /**
   * @param mark of what was looked at before anything was received
   */
  Command finish(FilesystemName image, String expected, String mark, String id, String label) {
    return script(
            "put in place what was received",
            ImageScripts.FINISH,
            image,
            expected,
            mark,
            how(),
            id,
            Volume.encode(label))
        .withTimeout(LONGEST);
  }

  /** What becomes of an increment. */
  private String how() {
    return options.atomic() ? "spool" : "through";
  }

  /** What stands of a whole image that was being received. */
  Command kept(FilesystemName image, VersionId id, long bytes) {
    return script("read what is kept", ImageScripts.KEPT, image, id.value(), Long.toString(bytes));
  }

  /** What stands of an increment that was being received. */
  Command keptSpool(FilesystemName image, VersionId id) {
    return script("read what is kept", ImageScripts.KEPT, image, id.value(), "spool");
  }

  /** What a commit or a rename began. */
  Command finish(FilesystemName image) {
    return script("finish what was begun", ImageScripts.FINISH, image, "").withTimeout(LONGEST);
  }

  Command label(FilesystemName image, String from, String to) {
    return script(
        "label the version", ImageScripts.LABEL, image, Volume.encode(from), Volume.encode(to));
  }

  Command record(FilesystemName image, String pair, String text) {
    return script("record the state of a pair", ImageScripts.RECORD, image, pair, text);
  }

  Command abort(FilesystemName image) {
    return script("remove what was received in part", ImageScripts.ABORT, image);
  }

  /**
   * @param mark of what was looked at
   */
  Command keepAside(FilesystemName image, String asideName, String mark) {
    return script("move an image aside", ImageScripts.ASIDE, image, asideName, mark);
  }

  private Command script(String title, String script, FilesystemName image, String... arguments) {
    List<String> words = new ArrayList<>(place(image));
    words.addAll(List.of(arguments));
    return Command.script(title, script, words.toArray(new String[0]));
  }

  /** The image, and what our files are called if it is a device: no two have the same. */
  private List<String> place(FilesystemName image) {
    String flat =
        image.value().substring(1).replace("_", "__").replace("-", "_-").replace('/', '-');
    return List.of(image.value(), options.deviceDirectory() + "/" + flat);
  }
}
