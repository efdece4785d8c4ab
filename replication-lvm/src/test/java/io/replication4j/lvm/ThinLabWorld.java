package io.replication4j.lvm;

import io.replication4j.testing.Lab;
import io.replication4j.testing.LabHost;
import io.replication4j.testing.Site;
import io.replication4j.testing.World;

/** A volume group with a thin pool on each host of the lab, anew for each test. */
record ThinLabWorld(Lab lab, boolean thinSource, boolean thinTarget) implements World {

  static final String GROUP = "r4jthin";

  private static final String OPEN =
      """
      if ! vgs --noheadings -o vg_name -S "vg_name=$1" | grep -q .; then
        vgcreate -q -y -s 128k "$1" "$2" >&2
      fi
      lvcreate -q -y -L 100m -c 64k -T "$1/pool" >&2
      """;

  private static final String CLOSE = "lvremove -y -q \"$1\" >&2";

  static ThinLabWorld open(Lab lab, boolean thinSource, boolean thinTarget)
      throws InterruptedException {
    lab.onBoth(OPEN, GROUP, LabHost.disk(2));
    return new ThinLabWorld(lab, thinSource, thinTarget);
  }

  private static LvmOptions options(boolean thin) {
    LvmOptions.Builder options = LvmOptions.builder();
    return (thin ? options.thinPool("pool") : options).build();
  }

  @Override
  public Site source() {
    return new LvmLabSite(lab.a().runner(), options(thinSource), GROUP, 2);
  }

  @Override
  public Site target() {
    return new LvmLabSite(lab.b().runner(), options(thinTarget), GROUP, 2);
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
