package io.replication4j.lvm.testing;

import java.util.stream.Collectors;

/** What {@code lvm fullreport} prints. */
final class FakeReport {

  private final FakeGroup group;

  FakeReport(FakeGroup group) {
    this.group = group;
  }

  String text() {
    return "{\"report\": [{\"vg\": [{\"vg_name\":\""
        + group.name()
        + "\", \"vg_free\":\""
        + group.free()
        + "\"}], \"pv\": [{}], \"lv\": ["
        + group.volumes().stream().map(this::row).collect(Collectors.joining(",\n"))
        + "], \"pvseg\": [{}], \"seg\": [{}]}]}";
  }

  private String row(FakeVolume volume) {
    boolean mergesInto =
        group.volumes().stream()
            .anyMatch(v -> v.merging && v.origin.filter(o -> o == volume).isPresent());
    return "{"
        + field("lv_name", volume.merging ? "[" + volume.name + "]" : volume.name)
        + field("lv_uuid", volume.uuid)
        + field("lv_size", String.valueOf(volume.bytes))
        + field("origin", volume.origin.or(() -> volume.thinOrigin).map(o -> o.name).orElse(""))
        + field("origin_size", originSize(volume))
        + field("pool_lv", volume.pool.orElse(""))
        + field("lv_tags", String.join(",", volume.tags))
        + field("snap_percent", volume.active ? volume.filled() : "")
        + field(
            "lv_snapshot_invalid",
            volume.origin.isEmpty() || !volume.active
                ? "unknown"
                : volume.invalid ? "snapshot invalid" : "")
        + field("lv_merging", volume.merging || mergesInto ? "merging" : "")
        + field("lv_active", volume.active ? "active" : "")
        + field("lv_device_open", !volume.active ? "unknown" : volume.isOpen() ? "open" : "")
        + "\"lv_layout\":\""
        + (volume.isPool ? "thin,pool" : volume.pool.isPresent() ? "thin,sparse" : "linear")
        + "\"}";
  }

  private String originSize(FakeVolume volume) {
    boolean isOrigin =
        group.volumes().stream().anyMatch(v -> v.origin.filter(o -> o == volume).isPresent());
    return volume.origin.isPresent() || isOrigin ? String.valueOf(volume.length()) : "";
  }

  private static String field(String name, String value) {
    return "\"" + name + "\":\"" + value + "\", ";
  }
}
