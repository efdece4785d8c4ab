package io.replication4j.testing;

import io.replication4j.FilesystemName;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BiFunction;

/**
 * A fresh place on the storage of both hosts of the {@link Lab}. Its name is used once, so that
 * several worlds can be open at a time.
 */
public final class LabWorld implements World {

  private static final AtomicInteger NUMBER = new AtomicInteger();

  private final Lab lab;
  private final Storage storage;
  private final FilesystemName top;
  private final Site source;
  private final Site target;

  private LabWorld(Lab lab, Storage storage) {
    this.lab = lab;
    this.storage = storage;
    this.top = storage.parent().child("t" + NUMBER.incrementAndGet());
    this.source = storage.site.apply(lab.a(), top);
    this.target = storage.site.apply(lab.b(), top);
  }

  /**
   * A kind of storage.
   *
   * @param parent where worlds are made; {@code open} makes it if it is not there yet
   * @param open a script of sh(1) that makes the place {@code $1}, and its parent on the disk
   *     {@code $2}; run by several tests at a time
   * @param close a script of sh(1) that removes the place {@code $1} with all that is in it; empty
   *     if that can wait until the hosts are reset, which {@link LabExtension} does after each
   *     class
   * @param disk where the storage is, see {@link LabHost#disk}
   * @param capabilities what it can do
   * @param site makes a host's site from what its filesystems are below of
   */
  public record Storage(
      FilesystemName parent,
      String open,
      String close,
      int disk,
      Capabilities capabilities,
      BiFunction<LabHost, FilesystemName, Site> site) {}

  /** Opens one on both hosts at once. */
  public static LabWorld open(Lab lab, Storage storage) throws InterruptedException {
    LabWorld world = new LabWorld(lab, storage);
    lab.onBoth(storage.open, world.top.value(), LabHost.disk(storage.disk));
    return world;
  }

  @Override
  public Site source() {
    return source;
  }

  @Override
  public Site target() {
    return target;
  }

  @Override
  public Capabilities capabilities() {
    return storage.capabilities;
  }

  @Override
  public Duration brief() {
    return Duration.ofSeconds(20);
  }

  @Override
  public void close() {
    if (storage.close.isEmpty()) {
      return;
    }
    try {
      lab.onBoth(storage.close, top.value());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
