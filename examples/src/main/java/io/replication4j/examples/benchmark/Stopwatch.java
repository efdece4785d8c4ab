package io.replication4j.examples.benchmark;

import io.replication4j.examples.lab.Tools;
import java.io.IOException;

/** Times work on files, begun when nothing waits to be written. */
record Stopwatch(Tools tools) {

  /** What is timed. */
  interface Work {
    void run() throws IOException, InterruptedException;
  }

  /** How many seconds it took. */
  double time(Work work) throws IOException, InterruptedException {
    tools.run("sync");
    long start = System.nanoTime();
    work.run();
    return (System.nanoTime() - start) / 1e9;
  }
}
