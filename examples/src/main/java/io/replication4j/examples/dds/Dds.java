package io.replication4j.examples.dds;

import io.replication4j.VersionId;
import io.replication4j.examples.support.Commands;
import io.replication4j.lvm.cow.CowExtract;
import io.replication4j.lvm.cow.CowMerge;
import io.replication4j.lvm.cow.CowStats;
import io.replication4j.lvm.cow.VolumeComparison;
import java.io.FileDescriptor;
import java.io.FileInputStream;
import java.io.FileOutputStream;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** Extracts, merges and verifies differences of volumes: {@code dds --help}. */
@Command(
    name = "dds",
    mixinStandardHelpOptions = true,
    version = "replication4j 0.1.0-SNAPSHOT",
    sortOptions = false,
    usageHelpWidth = 100,
    synopsisHeading = "",
    customSynopsis = {
      "Usage: dds --extract --cow COW --source SRC [--output FILE] [--base-id ID] [--target-id ID] [-v]",
      "       dds --merge --dest DST [--input FILE] [--journal DIR | --non-atomic] [-v]",
      "       dds --recover --dest DST [--journal DIR] [-v]",
      "       dds --verify --source SRC --dest DST"
    },
    description = {
      "",
      "Turns what changed since an LVM snapshot into a stream, and applies such streams to files and"
          + " block devices. The stream is an LVM snapshot's store (COW), as the kernel lays it out.%n"
    },
    footer = {
      "",
      "To extract what changed between two snapshots of vg0/data, the older one vg0/old:",
      "  lvcreate -s -n new -L 1G vg0/data",
      "  dds --extract --cow /dev/mapper/vg0-old-cow --source /dev/vg0/new --output delta",
      "The volume must not have been resized since the older one was made.",
      "",
      "A merge writes to DST only what has arrived, was checked and lies on disk in a journal. If it"
          + " is killed, or the power fails, the old content is still there, or the next --merge or"
          + " --recover with the same DST finishes the new one. The journal, as large as the stream,"
          + " lies beside a file, and in /var/lib/replication4j for a device, if --journal does not"
          + " say otherwise. FILE is linked instead of copied where it can be: leave it alone until"
          + " the merge has ended well.",
      "",
      "Exit status: 0 done, or equal; 1 failed; 2 usage; 3 --verify found differences;"
          + " 130 ended by Ctrl-C."
    })
public final class Dds implements Callable<Integer> {

  private static final int DIFFERENT = 3;
  private static final Duration TO_CLEAN_UP = Duration.ofSeconds(30);

  /** What to do. */
  private static final class Action {

    @Option(names = "--extract", description = "write what changed as a stream")
    boolean extract;

    @SuppressWarnings("UnusedVariable") // it is the one of the four that is left
    @Option(names = "--merge", description = "apply a stream to DST")
    boolean merge;

    @Option(names = "--recover", description = "finish a merge that was killed while it wrote")
    boolean recover;

    @Option(
        names = "--verify",
        description = "compare SRC with DST, both read at once, and name the ranges that differ")
    boolean verify;
  }

  @ArgGroup(multiplicity = "1")
  private Action action = new Action();

  @Option(
      names = "--cow",
      paramLabel = "COW",
      description = "store of the older snapshot: /dev/mapper/VG-SNAPSHOT-cow, or a file")
  private Optional<Path> cow = Optional.empty();

  @Option(
      names = "--source",
      paramLabel = "SRC",
      description = "the newer snapshot, which the data is read from")
  private Optional<Path> source = Optional.empty();

  @Option(names = "--dest", paramLabel = "DST", description = "file or block device")
  private Optional<Path> destination = Optional.empty();

  @Option(
      names = "--output",
      paramLabel = "FILE",
      description = "where the stream goes (default: standard output); there when it is complete")
  private Optional<Path> output = Optional.empty();

  @Option(
      names = "--input",
      paramLabel = "FILE",
      description = "where the stream comes from (default: standard input)")
  private Optional<Path> input = Optional.empty();

  @Option(
      names = "--base-id",
      paramLabel = "ID",
      converter = Ids.class,
      description = "write into the stream which version it changes")
  private Optional<VersionId> base = Optional.empty();

  @Option(
      names = "--target-id",
      paramLabel = "ID",
      converter = Ids.class,
      description = "write into the stream which version it leads to")
  private Optional<VersionId> target = Optional.empty();

  @Option(
      names = "--journal",
      paramLabel = "DIR",
      description = "directory for the journal, on a disk")
  private Optional<Path> journal = Optional.empty();

  @Option(
      names = "--non-atomic",
      description =
          "no journal: half the writing, but a merge that is ended early leaves DST between two"
              + " versions, until the same stream is merged as a whole")
  private boolean nonAtomic;

  @Option(names = "-v", description = "report on standard error what the stream held")
  private boolean verbose;

  @Spec private CommandSpec spec = CommandSpec.create();

  private Dds() {}

  public static void main(String[] args) {
    Commands.run(
        new Dds(),
        TO_CLEAN_UP,
        "ended; a merge that had begun to write is finished by --recover, or by the next --merge",
        args);
  }

  @Override
  public Integer call() throws InterruptedException {
    if (action.extract) {
      return report(extract(needed(cow, "--cow"), needed(source, "--source")));
    }
    Path dest = needed(destination, "--dest");
    if (action.verify) {
      return compare(needed(source, "--source"), dest);
    }
    return action.recover ? recover(merger(dest)) : report(merge(merger(dest)));
  }

  private Path needed(Optional<Path> option, String name) {
    return option.orElseThrow(
        () -> new ParameterException(spec.commandLine(), "missing option: " + name));
  }

  private CowStats extract(Path store, Path newer) throws InterruptedException {
    if (output.isPresent()) {
      return CowExtract.extract(store, newer, base, target, output.get());
    }
    return CowExtract.extract(
        store, newer, base, target, new FileOutputStream(FileDescriptor.out).getChannel());
  }

  private CowMerge merger(Path dest) {
    CowMerge merge = CowMerge.into(dest);
    if (nonAtomic && journal.isPresent()) {
      throw new ParameterException(
          spec.commandLine(), "--journal and --non-atomic exclude each other");
    }
    if (nonAtomic) {
      return merge.nonAtomic();
    }
    return journal.map(merge::journalIn).orElse(merge);
  }

  private CowStats merge(CowMerge merge) throws InterruptedException {
    return input.isPresent()
        ? merge.merge(input.get())
        : merge.merge(new FileInputStream(FileDescriptor.in).getChannel());
  }

  private int recover(CowMerge merge) throws InterruptedException {
    Optional<CowStats> finished = merge.finish();
    spec.commandLine()
        .getErr()
        .println(
            finished.isPresent() ? "finished the interrupted merge" : "no merge was interrupted");
    finished.ifPresent(this::report);
    return 0;
  }

  private int report(CowStats stats) {
    if (verbose) {
      Report.lines(stats).forEach(spec.commandLine().getErr()::println);
    }
    if (!stats.verified()) {
      spec.commandLine()
          .getErr()
          .println("dds: warning: this stream of another program has no checksum; not verified");
    }
    return 0;
  }

  private int compare(Path newer, Path dest) throws InterruptedException {
    VolumeComparison comparison = VolumeComparison.compare(newer, dest);
    Report.lines(comparison).forEach(spec.commandLine().getOut()::println);
    return comparison.isEqual() ? 0 : DIFFERENT;
  }
}
