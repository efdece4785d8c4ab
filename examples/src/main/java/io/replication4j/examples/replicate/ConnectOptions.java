package io.replication4j.examples.replicate;

import io.replication4j.btrfs.BtrfsOptions;
import io.replication4j.lvm.ImageOptions;
import io.replication4j.lvm.LvmOptions;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import picocli.CommandLine.Option;

/** The options that say how hosts are reached, and what stands there. */
final class ConnectOptions {

  @Option(
      names = "--identity",
      paramLabel = "FILE",
      description = "private key to log in with; may be given several times (default: as ssh)")
  List<Path> identities = new ArrayList<>();

  @Option(
      names = "--known-hosts",
      paramLabel = "FILE",
      description = "host keys to trust (default: as ssh); unknown ones are refused")
  List<Path> knownHosts = new ArrayList<>();

  @Option(
      names = "--jump",
      paramLabel = "[USER@]HOST",
      description = "connect by way of this host, as ssh -J")
  Optional<String> jump = Optional.empty();

  @Option(names = "--sudo", description = "run storage commands with sudo -n, on all hosts")
  boolean sudo;

  @Option(
      names = "--read-only",
      description =
          "btrfs: make the copy at the target read-only (default: writable; a copy that was written"
              + " to is found, and never overwritten unasked). On ZFS a replica is always read-only")
  boolean readOnly;

  @Option(
      names = "--thin-pool",
      paramLabel = "POOL",
      description =
          "LVM: the thin pool, of the target's group, that a new target is made in (default: a classic"
              + " volume)")
  Optional<String> thinPool = Optional.empty();

  @Option(
      names = "--non-atomic",
      description =
          "file: write increments into the image while they arrive, without a journal; one that is cut"
              + " has to be compared (--on-broken-chain compare)")
  boolean nonAtomic;

  @Option(
      names = "--spool",
      description =
          "btrfs: keep what arrives at the target as a file until a stream is whole, so that an"
              + " interrupted one is resumed; writes everything twice")
  boolean spool;

  BtrfsOptions btrfs() {
    return BtrfsOptions.builder()
        .copy(readOnly ? BtrfsOptions.Copy.READ_ONLY : BtrfsOptions.Copy.WRITABLE)
        .spool(spool)
        .build();
  }

  LvmOptions lvm() {
    LvmOptions.Builder lvm = LvmOptions.builder();
    thinPool.ifPresent(lvm::thinPool);
    return lvm.build();
  }

  ImageOptions images() {
    ImageOptions.Builder images = ImageOptions.builder();
    return (nonAtomic ? images.nonAtomic() : images).build();
  }
}
