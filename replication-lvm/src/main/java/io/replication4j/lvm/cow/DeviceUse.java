package io.replication4j.lvm.cow;

import io.replication4j.BusyException;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/**
 * Whether a block device is mounted, or part of another device, by what Linux tells in /proc and
 * /sys.
 */
final class DeviceUse {

  private DeviceUse() {}

  /**
   * Throws {@link BusyException} if somebody would be surprised by what is written to the device.
   */
  static void requireUnused(Path device) throws IOException {
    long number = number(device);
    String majorMinor = majorMinor(number);
    try (Stream<String> mounts = Files.lines(Path.of("/proc/self/mountinfo"))) {
      mounts
          .map(line -> List.of(line.split(" ")))
          .filter(mount -> mount.get(2).equals(majorMinor) || isSource(mount, number))
          .findFirst()
          .ifPresent(
              mount -> {
                throw new BusyException(
                    device + " is mounted at " + mount.get(4) + "; unmount it, and run it again",
                    null);
              });
    }
    requireNoHolder(device, Path.of("/sys/dev/block", majorMinor, "holders"));
  }

  /**
   * What spans several devices (btrfs) is mounted as a device of its own; its source is one of
   * them.
   */
  private static boolean isSource(List<String> mount, long number) {
    String source = mount.get(mount.indexOf("-") + 2);
    try {
      return source.startsWith("/dev/") && number(Path.of(source)) == number;
    } catch (IOException e) {
      return false; // a source that is gone is not this device
    }
  }

  private static void requireNoHolder(Path device, Path holders) throws IOException {
    if (!Files.isDirectory(holders)) {
      return; // a partition, or no /sys
    }
    try (DirectoryStream<Path> found = Files.newDirectoryStream(holders)) {
      for (Path holder : found) {
        throw new BusyException(
            device + " is part of /dev/" + holder.getFileName() + ", which must go first", null);
      }
    }
  }

  /**
   * A path of the device that is the same after a reboot and whichever of its names is used, where
   * the device mapper made it; else the one that is given.
   */
  static Path lastingPath(Path device) throws IOException {
    Path name = Path.of("/sys/dev/block", majorMinor(number(device)), "dm/name");
    return Files.exists(name)
        ? Path.of("/dev/mapper", Files.readString(name).strip())
        : device.toAbsolutePath().normalize();
  }

  private static String majorMinor(long number) {
    return major(number) + ":" + minor(number);
  }

  private static long number(Path device) throws IOException {
    return (Long) Files.getAttribute(device, "unix:rdev");
  }

  // makedev(3) of Linux
  private static long major(long number) {
    return ((number >> 8) & 0xFFF) | ((number >> 32) & ~0xFFF);
  }

  private static long minor(long number) {
    return (number & 0xFF) | ((number >> 12) & ~0xFF);
  }
}
