package io.replication4j.examples.benchmark;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;

/** The times of one way of doing a thing, in seconds. */
final class Runs {

  private final List<Double> seconds = new ArrayList<>();

  void add(double elapsed) {
    seconds.add(elapsed);
  }

  void clear() {
    seconds.clear();
  }

  int count() {
    return seconds.size();
  }

  double median() {
    List<Double> sorted = seconds.stream().sorted().toList();
    int middle = sorted.size() / 2;
    return sorted.size() % 2 == 1
        ? sorted.get(middle)
        : (sorted.get(middle - 1) + sorted.get(middle)) / 2;
  }

  double ratioTo(Runs other) {
    return median() / other.median();
  }

  /** {@code 1.234 s (1.200 to 1.300)}. */
  @Override
  public String toString() {
    return String.format(
        Locale.ROOT,
        "%.3f s (%.3f to %.3f)",
        median(),
        Collections.min(seconds),
        Collections.max(seconds));
  }
}
