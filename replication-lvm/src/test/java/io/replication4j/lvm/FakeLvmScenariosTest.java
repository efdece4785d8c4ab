package io.replication4j.lvm;

import io.replication4j.FilesystemName;
import io.replication4j.lvm.testing.FakeLvm;
import io.replication4j.lvm.testing.FakeLvmWorld;
import io.replication4j.testing.Site;
import io.replication4j.testing.World;
import java.time.Clock;

/** Overflow, open devices and full groups, on LVM in memory. */
class FakeLvmScenariosTest extends LvmScenarios {

  @Override
  World open() {
    return FakeLvmWorld.open(LvmOptions.defaults(), Clock.systemUTC());
  }

  private static FakeLvm lvm(Site site) {
    return (FakeLvm) site.runner();
  }

  @Override
  void createLarge(Site site, FilesystemName volume, int mebibytes) {
    lvm(site).createVolume(Volume.of(volume).name(), (long) mebibytes << 20);
  }

  @Override
  void overwrite(Site site, FilesystemName volume) {
    lvm(site).scribble(Volume.of(volume).name(), 100);
  }

  @Override
  void overwrite(Site site, FilesystemName volume, int round) {
    lvm(site).scribble(Volume.of(volume).name(), 48 * round);
  }

  @Override
  void flipBit(Site site, FilesystemName volume, long offset) {
    lvm(site).flipBit(Volume.of(volume).name(), offset);
  }

  @Override
  AutoCloseable keepOpen(Site site, FilesystemName volume) {
    String name = Volume.of(volume).name();
    lvm(site).setOpen(name, true);
    return () -> lvm(site).setOpen(name, false);
  }

  @Override
  AutoCloseable fill(Site site) {
    lvm(site).fill("hog");
    return () -> lvm(site).removeVolume("hog");
  }
}
