package io.replication4j.examples.quickstart;

import io.replication4j.ReplicationPair;
import io.replication4j.SyncListener;
import io.replication4j.SyncPlan;
import io.replication4j.SyncPolicy;
import io.replication4j.SyncReport;
import io.replication4j.SyncReport.Outcome;
import io.replication4j.examples.lab.Lab;
import io.replication4j.examples.lab.LabException;
import io.replication4j.examples.lab.Storage;
import io.replication4j.examples.support.Amounts;
import io.replication4j.examples.support.ProgressBar;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Locale;

/** Nine steps from an empty target to a repaired one, told as they happen. */
final class Story {

  private static final String LEAF = "data";
  private static final String PAIR = "quickstart";

  private final Lab lab;
  private final Storage storage;
  private final PrintStream out;
  private final SyncListener progress = ProgressBar.onTerminal();
  private final SampleTree tree;
  private final String source;
  private final String target;
  private int chapter;

  Story(Lab lab, PrintStream out) throws InterruptedException {
    this.lab = lab;
    this.storage = lab.storage();
    this.out = out;
    this.source = storage.createSource(LEAF);
    this.target = storage.target(LEAF);
    this.tree = new SampleTree(lab.tools(), storage, LEAF);
  }

  void tell() throws IOException, InterruptedException {
    ReplicationPair pair =
        ReplicationPair.builder(PAIR)
            .source(lab.source(source))
            .target(lab.target(target))
            .recursive(true)
            .policy(SyncPolicy.refusing())
            .build();
    begin(pair);
    plan(pair);
    first(pair);
    increment(pair);
    idle(pair);
    killed(pair);
    chapter("Done. Everything made here is removed now.");
  }

  private void begin(ReplicationPair pair) throws IOException, InterruptedException {
    chapter("Two " + storage.scheme() + " filesystems, in files of their own");
    tree.create();
    say("source: " + pair.source() + ", with files of every kind and a " + storage.childWord());
    say("target: " + pair.target() + ", where nothing is yet");
    if (!storage.hasAttributes()) {
      say("(extended attributes are left out: the ZFS that runs here has them switched off)");
    }
    if (!storage.hasAcls()) {
      say("(ACLs are left out: the ZFS that runs here has none)");
    }
  }

  private void plan(ReplicationPair pair) throws InterruptedException {
    chapter("The plan: every command, and the host it will run on; nothing has been changed");
    show(pair.plan());
    say("A plan is made from what is on both sides now, and checked again before it runs.");
    say("Its policy here, SyncPolicy.refusing(), never discards anything at the target.");
  }

  private void first(ReplicationPair pair) throws IOException, InterruptedException {
    chapter("The first sync: everything");
    sync(pair, Outcome.SYNCED);
    say(
        "It counts only now: both commands exited 0, and the target lists the new snapshot by its identity.");
    verify();
  }

  private void increment(ReplicationPair pair) throws IOException, InterruptedException {
    chapter(
        "Changes: files deleted, renamed, added, overwritten; attributes"
            + (storage.hasAcls() ? ", ACLs" : "")
            + ", owners, hard links, holes; a "
            + storage.childWord());
    tree.change();
    show(pair.plan());
    chapter("The next sync: only what changed");
    sync(pair, Outcome.SYNCED);
    say("The old base was destroyed only after the new one stood on both sides.");
    verify();
  }

  private void idle(ReplicationPair pair) throws InterruptedException {
    chapter("Nothing changed: nothing to do");
    sync(pair, Outcome.UP_TO_DATE);
    say("One look at each side; no snapshot was taken.");
  }

  private void killed(ReplicationPair pair) throws IOException, InterruptedException {
    chapter("A sync is killed (SIGKILL, in a JVM of its own) in the middle of its stream");
    tree.addLargeFile();
    long moved = new KilledSync(lab).run(PAIR, source, target);
    say(
        Amounts.bytes(moved)
            + " had been moved. What it left behind, and how the next sync gets over that:");
    show(pair.plan());
    chapter("The next sync repairs it; there is no special command for that");
    sync(pair, Outcome.SYNCED);
    say("The base of before was still on both sides, so it was an increment again.");
    verify();
  }

  private void sync(ReplicationPair pair, Outcome expected) throws InterruptedException {
    long start = System.nanoTime();
    SyncReport report = pair.sync(progress);
    Duration elapsed = Duration.ofNanos(System.nanoTime() - start);
    if (report.outcome() != expected) {
      throw new LabException(
          "expected "
              + expected
              + ", not "
              + report.outcome()
              + report.conflict().map(c -> ": " + c.message()).orElse(""));
    }
    say(
        report.outcome().name().toLowerCase(Locale.ROOT).replace('_', ' ')
            + ": "
            + Amounts.bytes(report.bytes())
            + " in "
            + Amounts.time(elapsed)
            + report.asOf().map(asOf -> ", as of " + asOf).orElse(""));
  }

  private void verify() throws IOException, InterruptedException {
    Path original = storage.openSource(LEAF);
    Path replica = storage.openTarget(LEAF);
    TreeComparison comparison = new TreeComparison(lab.tools(), storage.hasAttributes());
    int files = comparison.requireEqual(original, replica);
    storage.closeBoth(LEAF);
    say(
        "Verified without the library: "
            + files
            + " files and directories are the same in content, mode,"
            + " owner, time, attributes, links and holes.");
  }

  private void show(SyncPlan plan) {
    plan.toString().lines().forEach(line -> out.println("     " + line));
  }

  private void chapter(String title) {
    chapter++;
    out.println();
    out.println(chapter + ". " + title);
  }

  private void say(String text) {
    out.println("   " + text);
  }
}
