package io.replication4j.examples.replicate;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Optional;

/**
 * What the pairs of one call are named: the same in every call, and never the same for two targets. Snapshots
 * are named after the pair, so a second target of the same source can neither take nor lose the first one's base.
 */
final class PairNames {

  private static final String DEFAULT_JOB = "replicate";

  private PairNames() {}

  /**
   * The job's name alone if it was given and has one target; otherwise with a hash of both addresses.
   *
   * @param alone whether the job has no other target
   */
  static String of(Optional<String> job, boolean alone, Address source, Address target) {
    if (job.isPresent() && alone) {
      return job.get();
    }
    return job.orElse(DEFAULT_JOB) + "-" + hash(source.canonical() + "\n" + target.canonical());
  }

  private static String hash(String text) {
    try {
      MessageDigest sha = MessageDigest.getInstance("SHA-256");
      return HexFormat.of().formatHex(sha.digest(text.getBytes(StandardCharsets.UTF_8)), 0, 5);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java platform has SHA-256", e);
    }
  }
}
