package io.replication4j.examples.replicate;

import io.replication4j.SyncListener;
import io.replication4j.TransferProgress;
import java.io.PrintStream;

/** A line for every progress event, for another program to read. */
final class ProgressLines implements SyncListener {

  private final PrintStream out;

  ProgressLines(PrintStream out) {
    this.out = out;
  }

  @Override
  public void progress(TransferProgress progress) {
    out.println("progress " + progress.pair() + " " + progress.bytes());
  }

  @Override
  public void comparing(TransferProgress progress) {
    out.println("comparing " + progress.pair() + " " + progress.bytes());
  }
}
