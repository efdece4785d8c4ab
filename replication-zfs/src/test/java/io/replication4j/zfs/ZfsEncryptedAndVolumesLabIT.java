package io.replication4j.zfs;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.replication4j.Filesystem;
import io.replication4j.FilesystemName;
import io.replication4j.ReplicationPair;
import io.replication4j.SyncListener;
import io.replication4j.SyncPolicy;
import io.replication4j.testing.Lab;
import io.replication4j.testing.LabHost;
import io.replication4j.testing.LabTest;
import io.replication4j.testing.LabWorld;
import io.replication4j.testing.Site;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * What only OpenZFS has: raw streams of encrypted datasets; and volumes, which are no filesystems.
 */
@Tag("zfs")
@LabTest
class ZfsEncryptedAndVolumesLabIT {

  private static final String ENCRYPTED =
      "printf 'open sesame' >/run/r4j-key; zfs create -o encryption=on -o keyformat=passphrase -o keylocation=file:///run/r4j-key \"$1\"";

  private static final String OPEN_REPLICA =
      "printf 'open sesame' >/run/r4j-key; zfs load-key -L file:///run/r4j-key \"$1\"";

  private final Lab lab;
  private LabWorld world;

  ZfsEncryptedAndVolumesLabIT(Lab lab) {
    this.lab = lab;
  }

  @AfterEach
  void closeWorld() {
    world.close();
  }

  private void sync(FilesystemName from, FilesystemName to) throws InterruptedException {
    ReplicationPair.builder("p")
        .source(filesystem(world.source(), from))
        .target(filesystem(world.target(), to))
        .recursive(true)
        .policy(SyncPolicy.refusing())
        .build()
        .sync(SyncListener.NONE);
  }

  private static Filesystem filesystem(Site site, FilesystemName name) {
    return Filesystem.of(site.backend(site.runner()), name);
  }

  @Test
  void anEncryptedDatasetTravelsRawAndOpensWithItsKeyAlone() throws InterruptedException {
    world = LabWorld.open(lab, ZfsLabSite.storage(ZfsOptions.builder().raw(true).build()));
    FilesystemName from = world.source().name("secret");
    FilesystemName to = world.target().name("replica");
    lab.a().shell(ENCRYPTED, from.value());
    world.source().create(from.child("child"));
    world.source().write(from, "file", "one");
    world.source().write(from.child("child"), "file", "two");
    sync(from, to);
    world.source().write(from, "file", "one, again");
    sync(from, to);
    assertEquals(
        "unavailable",
        lab.b().run("zfs", "get", "-H", "-o", "value", "keystatus", to.value()).strip());

    lab.b().shell(OPEN_REPLICA, to.value());
    assertEquals(world.source().content(from), world.target().content(to));
    lab.b().run("zfs", "unload-key", to.value());
    world.source().write(from, "file", "one, after that");
    sync(from, to);
  }

  @Test
  void aVolumeInATreeIsReplicatedToTheByte() throws InterruptedException {
    world = LabWorld.open(lab, ZfsLabSite.storage(ZfsOptions.defaults()));
    FilesystemName from = world.source().name("tree");
    FilesystemName to = world.target().name("copy");
    world.source().create(from);
    lab.a().run("zfs", "create", "-s", "-V", "16M", from + "/volume");
    for (int offset : List.of(0, 5)) {
      lab.a()
          .shell(
              "udevadm settle; dd if=/dev/urandom of=\"/dev/zvol/$1\" bs=1M seek=\"$2\" count=2 conv=fsync status=none",
              from + "/volume",
              Integer.toString(offset));
      sync(from, to);
      assertEquals(digest(lab.a(), from + "/volume"), digest(lab.b(), to + "/volume"));
    }
  }

  private static String digest(LabHost host, String volume) throws InterruptedException {
    return host.shell("udevadm settle; sha256sum <\"/dev/zvol/$1\"", volume);
  }
}
