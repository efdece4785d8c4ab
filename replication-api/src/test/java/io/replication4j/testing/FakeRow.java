package io.replication4j.testing;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.net.URLDecoder;
import java.net.URLEncoder;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;

/**
 * A line of {@code fake list}: fields with a tab between, each percent-encoded.
 *
 * @param fields the first one names the kind of row: {@code root}, {@code record}, {@code member},
 *     {@code version}
 */
record FakeRow(List<String> fields) {

  static FakeRow of(Object... fields) {
    return new FakeRow(Arrays.stream(fields).map(Object::toString).toList());
  }

  static FakeRow parse(String line) {
    return new FakeRow(
        Arrays.stream(line.split("\t", -1)).map(field -> URLDecoder.decode(field, UTF_8)).toList());
  }

  String kind() {
    return fields.get(0);
  }

  String field(int index) {
    return fields.get(index);
  }

  @Override
  public String toString() {
    return fields.stream()
        .map(field -> URLEncoder.encode(field, UTF_8))
        .collect(Collectors.joining("\t"));
  }
}
