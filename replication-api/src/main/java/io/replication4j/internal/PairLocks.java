package io.replication4j.internal;

import com.google.common.hash.Hashing;
import io.replication4j.BusyException;
import io.replication4j.Endpoint;
import io.replication4j.ReplicationException;
import io.replication4j.Side;
import io.replication4j.command.CommandRunner;
import io.replication4j.command.HostLocks;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps other syncs and verifications of some pairs away, in all processes together, for as long as
 * it is open: each pair has a lock on the host of its source. One command per host.
 */
final class PairLocks implements AutoCloseable {

  private static final Logger LOG = LoggerFactory.getLogger(PairLocks.class);

  /**
   * The lock of one pair.
   *
   * @param warnings that there is none, on a host that has none to give
   */
  record PairLock(HostLocks locks, List<String> warnings) {

    /**
     * @throws io.replication4j.command.ConnectionLostException if it was lost
     */
    void requireHeld() {
      locks.requireHeld();
    }
  }

  private final Map<CommandRunner, HostLocks> taken = new IdentityHashMap<>();
  private final Map<CommandRunner, ReplicationException> failures = new IdentityHashMap<>();

  private PairLocks() {}

  /** Asks for the locks of all these pairs, and waits for nobody. */
  static PairLocks take(List<PairContext> pairs) throws InterruptedException {
    Map<CommandRunner, List<String>> names = new IdentityHashMap<>();
    for (PairContext pair : pairs) {
      names.computeIfAbsent(runner(pair), r -> new ArrayList<>()).add(name(pair));
    }
    PairLocks locks = new PairLocks();
    boolean complete = false;
    try {
      for (Map.Entry<CommandRunner, List<String>> entry : names.entrySet()) {
        locks.take(entry.getKey(), entry.getValue());
      }
      complete = true;
      return locks;
    } finally {
      if (!complete) {
        locks.close();
      }
    }
  }

  private void take(CommandRunner runner, List<String> names) throws InterruptedException {
    try {
      taken.put(runner, HostLocks.take(runner, names));
    } catch (ReplicationException e) {
      failures.put(runner, e);
    }
  }

  /**
   * The lock of a pair that was asked for.
   *
   * @throws BusyException if somebody else holds it
   * @throws ReplicationException if its host could not be asked
   */
  PairLock of(PairContext pair) {
    HostLocks locks = taken.get(runner(pair));
    if (locks == null) {
      throw Optional.ofNullable(failures.get(runner(pair))).orElseThrow();
    }
    switch (locks.state(name(pair))) {
      case HELD:
        return new PairLock(locks, List.of());
      case TAKEN:
        throw busy(pair);
      default:
        String warning = warning(pair, locks);
        LOG.warn("{}", warning);
        return new PairLock(locks, List.of(warning));
    }
  }

  private static BusyException busy(PairContext pair) {
    return new BusyException(
        "pair "
            + pair.pair()
            + " is being synced or verified already: its lock on "
            + runner(pair).host()
            + " is taken; nothing was done. Run again when that has ended ('pgrep -af "
            + name(pair)
            + "' there shows what holds the lock)",
        null);
  }

  private static String warning(PairContext pair, HostLocks locks) {
    return "pair "
        + pair.pair()
        + ": "
        + runner(pair).host()
        + " has no lock to give, so nothing but the caller keeps a second sync of it away: "
        + locks.trouble();
  }

  private static CommandRunner runner(PairContext pair) {
    return pair.backend(Side.SOURCE).runner();
  }

  /** The same for whoever syncs that source under that name, from wherever. */
  private static String name(PairContext pair) {
    Endpoint source = pair.endpoint(Side.SOURCE);
    String place = source.scheme() + "\0" + source.filesystem();
    return pair.pair()
        + "-"
        + Hashing.sha256().hashString(place, StandardCharsets.UTF_8).toString().substring(0, 16);
  }

  /** Gives all of them back. */
  @Override
  public void close() {
    taken.values().forEach(HostLocks::close);
  }
}
