package io.replication4j.command;

import java.io.File;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A child of this JVM with everything that it started. With setsid(1) it leads a process group of
 * its own, which kill(1) ends as a whole; without, its descendants are ended one by one.
 */
final class ProcessGroup {

  private static final Logger LOG = LoggerFactory.getLogger(ProcessGroup.class);

  /**
   * How long a command may take to clean up after SIGTERM, and the kernel to end it after SIGKILL.
   */
  private static final Duration GRACE = Duration.ofSeconds(2);

  private final Process leader;
  private final boolean leads;
  private final List<String> privilege;

  ProcessGroup(Process leader, boolean leads, List<String> privilege) {
    this.leader = leader;
    this.leads = leads;
    this.privilege = privilege;
  }

  /**
   * Ends all of it: SIGTERM, a short grace, SIGKILL. Returns when the leader is gone or cannot be
   * ended.
   */
  void end() {
    List<ProcessHandle> others = leader.descendants().toList();
    signal("TERM");
    others.forEach(ProcessHandle::destroy);
    leader
        .toHandle()
        .destroy(); // not Process.destroy(), which would wait for a writer that is stuck in the
    // command's stdin
    boolean ended = awaitLeader();
    signal("KILL");
    others.forEach(ProcessHandle::destroyForcibly);
    leader.toHandle().destroyForcibly();
    if (!ended && !awaitLeader()) {
      LOG.warn(
          "process {} could not be ended: {}",
          leader.pid(),
          leader.info().commandLine().orElse("it runs as another user"));
    }
  }

  private boolean awaitLeader() {
    return Uninterrupted.await(GRACE, nanos -> leader.waitFor(nanos, TimeUnit.NANOSECONDS));
  }

  private void signal(String name) {
    if (!leads) {
      return;
    }
    String kill = "kill -s " + name + " -- -" + leader.pid();
    quietly(List.of("/bin/sh", "-c", kill));
    if (!privilege.isEmpty() && leader.isAlive()) {
      List<String> words = new ArrayList<>(privilege);
      words.addAll(List.of(kill.split(" ")));
      quietly(words);
    }
  }

  /** Best effort: the group may be gone already, or beyond our rights. */
  private static void quietly(List<String> words) {
    try {
      Process kill =
          new ProcessBuilder(words)
              .redirectInput(ProcessBuilder.Redirect.from(new File("/dev/null")))
              .redirectOutput(ProcessBuilder.Redirect.DISCARD)
              .redirectError(ProcessBuilder.Redirect.DISCARD)
              .start();
      if (!Uninterrupted.await(GRACE, nanos -> kill.waitFor(nanos, TimeUnit.NANOSECONDS))) {
        kill.destroyForcibly();
      }
    } catch (IOException e) {
      LOG.debug("{} could not be run: {}", words, e.getMessage());
    }
  }
}
