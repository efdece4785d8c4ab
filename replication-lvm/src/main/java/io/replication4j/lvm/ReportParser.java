package io.replication4j.lvm;

import io.replication4j.UnexpectedOutputException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Reads what {@link LvmCommands#list} prints: one report per volume group. Pure. */
final class ReportParser {

  private static final JsonMapper MAPPER = JsonMapper.builder().build();

  private ReportParser() {}

  /**
   * Everything that LVM has on one host.
   *
   * @param freeBytes of each volume group
   */
  record Report(Map<String, Long> freeBytes, List<LogicalVolume> volumes) {

    Report {
      freeBytes = Map.copyOf(freeBytes);
      volumes = List.copyOf(volumes);
    }
  }

  /**
   * @param host for the message
   * @throws UnexpectedOutputException if any of it cannot be read
   */
  static Report parse(String host, String output) {
    try {
      Map<String, Long> free = new LinkedHashMap<>();
      List<LogicalVolume> volumes = new ArrayList<>();
      for (JsonNode report : need(MAPPER.readTree(output), "report")) {
        if (report.has("pv") && !report.has("vg") && !report.has("lv")) {
          continue; // physical volumes that are in no group
        }
        for (JsonNode group : need(report, "vg")) {
          String name = text(group, "vg_name");
          free.put(name, number(group, "vg_free"));
          for (JsonNode volume : need(report, "lv")) {
            volumes.add(volume(name, volume));
          }
        }
      }
      return new Report(free, volumes);
    } catch (JacksonException | IllegalArgumentException e) {
      throw new UnexpectedOutputException(
          "lvm fullreport on "
              + host
              + " printed what cannot be read ("
              + e.getMessage()
              + "); nothing of it was used. Is its LVM older than 2.02.178 (2018)?",
          e);
    }
  }

  private static LogicalVolume volume(String group, JsonNode row) {
    String name = text(row, "lv_name").replaceAll("[\\[\\]]", ""); // hidden ones are in brackets
    String filled = text(row, "snap_percent");
    boolean readsOrigin = some(row, "origin_size").isPresent();
    return new LogicalVolume(
        new Volume(group, name),
        text(row, "lv_uuid"),
        number(row, "lv_size"),
        number(row, readsOrigin ? "origin_size" : "lv_size"),
        some(row, "origin"),
        some(row, "pool_lv"),
        Arrays.stream(text(row, "lv_tags").split(",")).filter(tag -> !tag.isEmpty()).toList(),
        filled.isEmpty() ? OptionalDouble.empty() : OptionalDouble.of(Double.parseDouble(filled)),
        text(row, "lv_snapshot_invalid").equals("snapshot invalid"),
        text(row, "lv_merging").equals("merging") && some(row, "origin").isPresent(),
        text(row, "lv_active").equals("active"),
        text(row, "lv_device_open").equals("open"),
        text(row, "lv_layout"));
  }

  private static JsonNode need(JsonNode node, String field) {
    JsonNode found = node.get(field);
    if (found == null) {
      throw new IllegalArgumentException("no " + field + " in " + shortened(node));
    }
    return found;
  }

  private static String text(JsonNode row, String field) {
    JsonNode value = need(row, field);
    if (!value.isString()) {
      throw new IllegalArgumentException(field + " is no text in " + shortened(row));
    }
    return value.asString();
  }

  private static long number(JsonNode row, String field) {
    return Long.parseLong(text(row, field));
  }

  private static Optional<String> some(JsonNode row, String field) {
    return Optional.of(text(row, field).replaceAll("[\\[\\]]", "")).filter(v -> !v.isEmpty());
  }

  private static String shortened(JsonNode node) {
    String text = node.toString();
    return text.length() <= 120 ? text : text.substring(0, 120) + "…";
  }
}
