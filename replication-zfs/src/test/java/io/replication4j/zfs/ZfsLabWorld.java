package io.replication4j.zfs;

import io.replication4j.FilesystemName;
import io.replication4j.testing.Lab;
import io.replication4j.testing.LabHost;
import io.replication4j.testing.Site;
import io.replication4j.testing.World;
import java.util.concurrent.atomic.AtomicInteger;

/** A fresh dataset in a pool of each host, on OpenZFS as the lab has it. */
final class ZfsLabWorld implements World {

  static final String POOL = "tank";

  private static final AtomicInteger NUMBER = new AtomicInteger();

  private static final String OPEN =
      """
      zpool list "$1" >/dev/null 2>&1 || zpool create -o ashift=12 -O atime=off "$1" "$3"
      zfs create "$2"
      """;

  /** A dataset with a hold is let go first. */
  private static final String CLOSE =
      """
      zfs list -H -r -t snapshot -o name,userrefs "$1" | while IFS=$(printf '\\t') read -r name holds; do
        [ "$holds" = 0 ] || zfs holds -H "$name" | cut -f2 | while read -r tag; do zfs release "$tag" "$name"; done
      done
      zfs destroy -R -f "$1"
      """;

  private final Lab lab;
  private final ZfsOptions options;
  private final FilesystemName top = FilesystemName.of(POOL + "/t" + NUMBER.incrementAndGet());

  private ZfsLabWorld(Lab lab, ZfsOptions options) {
    this.lab = lab;
    this.options = options;
  }

  static ZfsLabWorld open(Lab lab, ZfsOptions options) throws InterruptedException {
    ZfsLabWorld world = new ZfsLabWorld(lab, options);
    lab.onBoth(OPEN, POOL, world.top.value(), LabHost.disk(1));
    return world;
  }

  @Override
  public Site source() {
    return new ZfsLabSite(lab.a(), options, top);
  }

  @Override
  public Site target() {
    return new ZfsLabSite(lab.b(), options, top);
  }

  @Override
  public Capabilities capabilities() {
    return new Capabilities(true, true, true, true, true, false);
  }

  @Override
  public void close() {
    try {
      lab.onBoth(CLOSE, top.value());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
