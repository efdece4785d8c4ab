package io.replication4j.examples.replicate;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class AddressTest {

  @ParameterizedTest
  @CsvSource({
    "zfs:tank/data, zfs, tank/data",
    "zfs:tank, zfs, tank",
    "lvm:vg0/data, lvm, vg0/data",
    "btrfs:/srv/data, btrfs, /srv/data",
    "file:/srv/image, file, /srv/image",
    "file:/dev/mapper/a%20b, file, /dev/mapper/a b",
    "btrfs:/srv/data/, btrfs, /srv/data",
    "btrfs:/, btrfs, /",
    "btrfs:/srv/a b$(c), btrfs, /srv/a b$(c)",
    "btrfs:/srv/a%20b%25, btrfs, /srv/a b%",
    "btrfs:/srv/%C3%BC, btrfs, /srv/ü",
  })
  void namesAFilesystemOfThisHost(String text, String scheme, String path) {
    assertEquals(new Address(scheme, Optional.empty(), path), Address.parse(text));
  }

  @ParameterizedTest
  @CsvSource({
    "zfs://dr/tank/data, dr, tank/data",
    "zfs://root@dr:2222/tank/data, root@dr:2222, tank/data",
    "btrfs://root@dr/srv/data, root@dr, /srv/data",
    "lvm://root@dr:2222/vg0/data, root@dr:2222, vg0/data",
    "file://root@dr:2222/srv/image, root@dr:2222, /srv/image",
    "btrfs://a%40b@[::1]:22/srv, a@b@[::1]:22, /srv",
  })
  void namesAFilesystemOfAnotherHost(String text, String server, String path) {
    Address address = Address.parse(text);
    assertEquals(server, address.server().map(Object::toString).orElse(""));
    assertEquals(path, address.path());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "tank/data",
        "lvm:",
        "zfs:",
        "zfs://",
        "zfs://dr",
        "zfs://dr/",
        "zfs:///tank",
        "btrfs:srv",
        "file:srv",
        "file:",
        "btrfs://dr:x/srv",
        "btrfs://a@b@c/srv",
        "btrfs:/a%2",
        "btrfs:/a%zz",
        "btrfs:/a%ff"
      })
  void refusesAnythingElse(String text) {
    IllegalArgumentException e =
        assertThrows(IllegalArgumentException.class, () -> Address.parse(text));
    assertTrue(String.valueOf(e.getMessage()).contains("expected zfs:tank/data"));
  }

  @Test
  void isTheSamePlaceWhoeverLogsIn() {
    assertEquals(
        Address.parse("zfs://root@DR/tank").canonical(),
        Address.parse("zfs://dr:22/tank").canonical());
  }

  @ParameterizedTest
  @CsvSource({
    "lvm:vg0/data, file:/srv/image, true",
    "lvm:vg0/data, lvm:vg1/data, true",
    "file:/srv/image, lvm:vg0/data, false",
    "file:/srv/image, file:/srv/other, false",
    "zfs:tank, file:/srv/image, false",
    "zfs:tank, btrfs:/srv, false",
  })
  void aVolumeMayBecomeAnImageAndAnImageNothing(String source, String target, boolean can) {
    assertEquals(can, Address.parse(source).canBeSentTo(Address.parse(target)));
  }
}
