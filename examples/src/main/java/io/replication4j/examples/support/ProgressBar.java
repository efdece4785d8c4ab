package io.replication4j.examples.support;

import io.replication4j.SyncListener;
import io.replication4j.SyncReport;
import io.replication4j.TransferProgress;
import java.io.PrintStream;
import java.time.Duration;

/**
 * Draws how far a stream has come, on one line of a terminal that is cleared at the end.
 * Thread-safe.
 */
public final class ProgressBar implements SyncListener {

  private static final int WIDTH = 30;
  private static final String CLEAR = "\r\033[K";

  private final PrintStream terminal;
  private boolean drawn;

  public ProgressBar(PrintStream terminal) {
    this.terminal = terminal;
  }

  /**
   * A bar where standard error is a terminal (the launcher scripts say so), else a listener that
   * hears nothing.
   */
  public static SyncListener onTerminal() {
    return Boolean.getBoolean("examples.terminal") ? new ProgressBar(System.err) : NONE;
  }

  @Override
  public synchronized void progress(TransferProgress progress) {
    draw(line(progress));
  }

  @Override
  public synchronized void comparing(TransferProgress progress) {
    draw(line(progress) + "  (comparing)");
  }

  private void draw(String line) {
    terminal.print(CLEAR + line);
    terminal.flush();
    drawn = true;
  }

  @Override
  public synchronized void afterStep(String pair, SyncReport.StepReport report) {
    clear();
  }

  /** Leaves an empty line. */
  public synchronized void clear() {
    if (drawn) {
      terminal.print(CLEAR);
      terminal.flush();
      drawn = false;
    }
  }

  private static String line(TransferProgress progress) {
    String rate = Amounts.bytes(progress.bytesPerSecond()) + "/s";
    return progress
        .estimatedBytes()
        .filter(whole -> whole > 0)
        .map(
            whole ->
                bar(progress.bytes() + progress.bytesFound(), whole)
                    + " "
                    + Amounts.bytes(progress.bytes())
                    + " of about "
                    + Amounts.bytes(whole)
                    + found(progress)
                    + "  "
                    + rate
                    + remaining(progress, whole))
        .orElseGet(
            () ->
                "  "
                    + Amounts.bytes(progress.bytes())
                    + found(progress)
                    + "  "
                    + rate
                    + "  "
                    + Amounts.clock(progress.elapsed()));
  }

  private static String found(TransferProgress progress) {
    return progress.bytesFound() == 0
        ? ""
        : " (" + Amounts.bytes(progress.bytesFound()) + " were there)";
  }

  private static String bar(long bytes, long whole) {
    double part = Math.min(1.0, (double) bytes / whole);
    int full = (int) (part * WIDTH);
    return "  [" + "#".repeat(full) + "-".repeat(WIDTH - full) + "] " + (int) (part * 100) + " %";
  }

  private static String remaining(TransferProgress progress, long whole) {
    long rate = progress.bytesPerSecond();
    long left = whole - progress.bytes() - progress.bytesFound();
    return rate == 0 || left <= 0
        ? ""
        : "  " + Amounts.clock(Duration.ofSeconds(left / rate)) + " left";
  }
}
