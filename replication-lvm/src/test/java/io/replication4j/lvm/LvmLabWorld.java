package io.replication4j.lvm;

import io.replication4j.testing.Lab;
import io.replication4j.testing.LabHost;
import io.replication4j.testing.Site;
import io.replication4j.testing.World;

/** A volume group on each host of the lab, empty at the beginning of each test. */
final class LvmLabWorld implements World {

  static final String GROUP = "r4jlab";

  /** Small extents, so that volumes can be small. */
  private static final String OPEN =
      """
      if ! vgs --noheadings -o vg_name -S "vg_name=$1" | grep -q .; then
        vgcreate -q -y -s 128k "$1" "$2" >&2
      fi
      """;

  private static final String CLOSE = "lvremove -y -q \"$1\" >&2";

  private final Lab lab;
  private final LvmOptions options;
  private final int mebibytes;

  private LvmLabWorld(Lab lab, LvmOptions options, int mebibytes) {
    this.lab = lab;
    this.options = options;
    this.mebibytes = mebibytes;
  }

  static LvmLabWorld open(Lab lab, LvmOptions options) throws InterruptedException {
    return open(lab, options, 2);
  }

  /**
   * @param mebibytes the size of its volumes
   */
  static LvmLabWorld open(Lab lab, LvmOptions options, int mebibytes) throws InterruptedException {
    lab.onBoth(OPEN, GROUP, LabHost.disk(3));
    return new LvmLabWorld(lab, options, mebibytes);
  }

  /** Switches the group on again after its host was off. */
  static void activate(LabHost host) throws InterruptedException {
    host.shell("udevadm settle; vgchange -q -ay \"$1\" >&2", GROUP);
  }

  @Override
  public Site source() {
    return new LvmLabSite(lab.a().runner(), options, GROUP, mebibytes);
  }

  @Override
  public Site target() {
    return new LvmLabSite(lab.b().runner(), options, GROUP, mebibytes);
  }

  @Override
  public Capabilities capabilities() {
    return new Capabilities(false, false, false, false, true, false);
  }

  @Override
  public boolean hasChildren() {
    return false;
  }

  @Override
  public void close() {
    try {
      lab.onBoth(CLOSE, GROUP);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
