package io.replication4j.lvm;

import io.replication4j.FilesystemName;
import io.replication4j.UnexpectedOutputException;
import io.replication4j.VersionId;
import io.replication4j.lvm.ImageView.Held;
import io.replication4j.lvm.ImageView.Kind;
import io.replication4j.lvm.ImageView.NewFile;
import io.replication4j.lvm.ImageView.Spool;
import io.replication4j.lvm.ImageView.Stage;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Reads what {@link ImageScripts#LOOK} prints: all of it, or nothing. */
final class ImageLookParser {

  private static final Pattern IMAGE =
      Pattern.compile("image (none|nowhere|file|device|blank|other) ([0-9]{1,18}) (\\S+) (\\S+)");
  private static final Pattern HELD =
      Pattern.compile(
          "(holds|applying|torn|filling) (\\S+) (\\S+) ([0-9]{1,18}) (\\S+(?: \\S+){0,2})");
  private static final Pattern RECORD = Pattern.compile("record (\\S+) (.*)");
  private static final Pattern NEW = Pattern.compile("new (\\S+) (\\S+)");
  private static final Pattern SPOOL = Pattern.compile("spool ([0-9]{1,18}) (\\S*) (\\S*)");

  private final String host;
  private final Iterator<String> lines;

  private ImageLookParser(String host, Iterator<String> lines) {
    this.host = host;
    this.lines = lines;
  }

  /**
   * One view for each name, in their order.
   *
   * @throws UnexpectedOutputException if a line cannot be read, or one is missing
   */
  static List<ImageView> parse(String host, List<FilesystemName> names, String output) {
    ImageLookParser parser = new ImageLookParser(host, output.lines().iterator());
    List<ImageView> views = new ArrayList<>();
    for (FilesystemName name : names) {
      views.add(parser.view(name));
    }
    if (parser.lines.hasNext()) {
      throw parser.unreadable(parser.lines.next());
    }
    return views;
  }

  private ImageView view(FilesystemName name) {
    Matcher image = match(IMAGE, next());
    Optional<Held> held = Optional.empty();
    Map<String, String> records = new HashMap<>();
    Optional<Spool> spooled = Optional.empty();
    Optional<NewFile> whole = Optional.empty();
    Optional<String> user = Optional.empty();
    boolean writing = false;
    boolean locked = false;
    for (String line = next(); !line.equals("end"); line = next()) {
      if (line.startsWith("state record ")) {
        Matcher record = match(RECORD, after("state ", line));
        records.put(record.group(1), record.group(2));
      } else if (line.startsWith("state ")) {
        held = held(after("state ", line));
      } else if (line.startsWith("spool ")) {
        Matcher spool = match(SPOOL, line);
        Optional<VersionId> id =
            Optional.of(spool.group(2)).filter(i -> !i.isEmpty()).map(VersionId::of);
        Optional<String> list = Optional.of(spool.group(3)).filter(l -> !l.isEmpty());
        spooled = Optional.of(new Spool(Long.parseLong(spool.group(1)), id, list));
      } else if (line.startsWith("new ")) {
        Matcher file = match(NEW, line);
        whole = Optional.of(new NewFile(file.group(1), file.group(2)));
      } else if (line.startsWith("busy ")) {
        user = Optional.of(after("busy ", line));
      } else if (line.equals("writing")) {
        writing = true;
      } else if (line.equals("locked")) {
        locked = true;
      } else {
        throw unreadable(line);
      }
    }
    return new ImageView(
        name,
        Kind.valueOf(image.group(1).toUpperCase(Locale.ROOT)),
        Long.parseLong(image.group(2)),
        image.group(3),
        image.group(4),
        held,
        records,
        spooled,
        whole,
        writing,
        user,
        locked);
  }

  /** An empty line: nothing is known. */
  private Optional<Held> held(String line) {
    if (line.isEmpty()) {
      return Optional.empty();
    }
    Matcher held = match(HELD, line);
    try {
      return Optional.of(
          new Held(
              Stage.valueOf(held.group(1).toUpperCase(Locale.ROOT)),
              VersionId.of(held.group(2)),
              new Volume("", "").label("." + held.group(3)),
              Long.parseLong(held.group(4)),
              held.group(5)));
    } catch (IllegalArgumentException e) { // an id or a label that nobody has
      throw unreadable(line);
    }
  }

  private String next() {
    if (!lines.hasNext()) {
      throw unreadable("(its end)");
    }
    return lines.next();
  }

  private Matcher match(Pattern pattern, String line) {
    Matcher matcher = pattern.matcher(line);
    if (!matcher.matches()) {
      throw unreadable(line);
    }
    return matcher;
  }

  private static String after(String word, String line) {
    return line.substring(word.length());
  }

  private UnexpectedOutputException unreadable(String line) {
    return new UnexpectedOutputException(
        "the look at images on "
            + host
            + " printed '"
            + line
            + "'; nothing of it was used. Is a file that ends in .r4j somebody else's?",
        null);
  }
}
