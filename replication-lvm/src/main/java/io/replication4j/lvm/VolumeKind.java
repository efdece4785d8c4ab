package io.replication4j.lvm;

import io.replication4j.SyncStep.Send;
import io.replication4j.command.Command;
import io.replication4j.lvm.Tags.Next;
import java.util.List;
import java.util.Optional;

/**
 * What depends on how a volume lies on its disks: how its versions are taken, where their changes
 * are read, and how it becomes another version. Pure.
 *
 * <table>
 * <caption>The two</caption>
 * <tr><th></th><th>{@link ClassicVolume}</th><th>{@link ThinVolume}</th></tr>
 * <tr><td>a version</td><td>a snapshot that keeps what is overwritten; it can overflow</td>
 *     <td>a volume of the same pool that shares blocks with it</td></tr>
 * <tr><td>what changed</td><td>the exceptions of the base's snapshot</td><td>thin_delta(8)</td></tr>
 * <tr><td>an increment arrives</td><td>as a snapshot's store</td>
 *     <td>in a writable snapshot of the volume</td></tr>
 * <tr><td>it becomes the volume</td><td>by a merge in the kernel</td>
 *     <td>by taking its place, at once</td></tr>
 * </table>
 */
interface VolumeKind {

  /** Of the volume that is there; of one that is not, what the options say. */
  static VolumeKind of(View view, LvmOptions options) {
    Optional<String> pool =
        view.live().isPresent() ? view.live().flatMap(LogicalVolume::pool) : options.thinPool();
    return pool.isPresent()
        ? new ThinVolume(view.volume(), pool.get(), options)
        : new ClassicVolume(view.volume(), options);
  }

  /** A new version, with an identity of its own. */
  Command take(View view, Volume snapshot);

  /** What changed in a version since the base; all of it without one. */
  Changes changes(LogicalVolume sent, Optional<LogicalVolume> base);

  /** What reads both. */
  Command send(Volume sent, Optional<Volume> base);

  /** What takes in a stream. */
  Command receive(Volume incoming);

  /**
   * What it is told.
   *
   * @param kept what stands there already of an interrupted stream
   */
  Arrival arrival(Volume incoming, Optional<Kept> kept);

  /** Whether the rest of what was received in part can follow. */
  boolean keeps(LogicalVolume received);

  /** The commands after a stream, as far as a plan can know them. */
  List<Command> planned(View view, Send send);

  /**
   * A whole volume that was received takes its place, with a snapshot that stands for its version.
   *
   * @param uuid of what was received
   * @param tags its tags
   */
  List<Command> image(Next next, Volume incoming, String uuid, List<String> tags);

  /** An increment that was received becomes the volume's content. */
  List<Command> increment(View view, Next next, LogicalVolume received, LogicalVolume base);

  /**
   * The volume becomes one of its versions again.
   *
   * @param aside the name under which what it holds now is kept; empty: that is lost
   */
  List<Command> backTo(View view, LogicalVolume version, Optional<Volume> aside);

  /** Before the volume and then this version of it get other names. */
  List<Command> follow(LogicalVolume version, Volume renamed);
}
