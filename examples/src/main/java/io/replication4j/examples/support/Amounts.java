package io.replication4j.examples.support;

import java.time.Duration;
import java.util.Locale;

/** Bytes, rates and times as people read them. */
public final class Amounts {

  private static final String[] UNITS = {"B", "KiB", "MiB", "GiB", "TiB", "PiB"};

  private Amounts() {}

  /** {@code 17 B}, {@code 1.5 MiB}: three significant digits or more. */
  public static String bytes(long bytes) {
    double value = bytes;
    int unit = 0;
    while (value >= 1024 && unit < UNITS.length - 1) {
      value /= 1024;
      unit++;
    }
    String format = unit == 0 || value >= 100 ? "%.0f %s" : "%.1f %s";
    return String.format(Locale.ROOT, format, value, UNITS[unit]);
  }

  /** {@code 0.34 s}, {@code 12.3 s}, {@code 4:05}, {@code 2:04:05}. */
  public static String time(Duration duration) {
    double seconds = duration.toMillis() / 1000.0;
    if (seconds < 60) {
      return String.format(Locale.ROOT, seconds < 10 ? "%.2f s" : "%.1f s", seconds);
    }
    return clock(duration);
  }

  /** {@code 0:05}, {@code 4:05}, {@code 2:04:05}. */
  public static String clock(Duration duration) {
    long hours = duration.toHours();
    return hours > 0
        ? String.format("%d:%02d:%02d", hours, duration.toMinutesPart(), duration.toSecondsPart())
        : String.format("%d:%02d", duration.toMinutes(), duration.toSecondsPart());
  }

  /**
   * A number of bytes with an optional unit of 1024: {@code 500K}, {@code 8M}, {@code 1G}.
   *
   * @throws IllegalArgumentException if it is none, or not positive
   */
  public static long parseBytes(String text) {
    int unit =
        text.isEmpty() ? -1 : "KMGT".indexOf(Character.toUpperCase(text.charAt(text.length() - 1)));
    try {
      String digits = unit < 0 ? text : text.substring(0, text.length() - 1);
      long bytes = Math.multiplyExact(Long.parseLong(digits), 1L << (10 * (unit + 1)));
      if (bytes > 0) {
        return bytes;
      }
    } catch (ArithmeticException | NumberFormatException e) {
      // said below
    }
    throw new IllegalArgumentException(
        "'" + text + "' is not a number of bytes such as 500K, 8M or 1G");
  }
}
