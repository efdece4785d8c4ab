package io.replication4j.examples.replicate;

import io.replication4j.OnDivergence;
import io.replication4j.SyncPolicy;
import io.replication4j.SyncPolicy.OnBrokenChain;
import io.replication4j.SyncPolicy.Route;
import io.replication4j.examples.support.Amounts;
import java.util.Locale;
import java.util.Optional;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Option;
import picocli.CommandLine.TypeConversionException;

/** The options that say what a sync may do. */
final class PolicyOptions {

  @Option(
      names = "--on-divergence",
      paramLabel = "refuse|roll-back|keep-aside",
      description =
          "if the target has changes of its own: change nothing (the default), discard them, or"
              + " keep them under another name",
      converter = ToDivergence.class)
  OnDivergence onDivergence = OnDivergence.REFUSE;

  @Option(
      names = "--on-broken-chain",
      paramLabel = "refuse|full|compare",
      description =
          "if both sides were in sync once and share no version any more: change nothing (the default),"
              + " send everything again, or (volumes) compare both and send what differs",
      converter = ToBrokenChain.class)
  OnBrokenChain onBrokenChain = OnBrokenChain.REFUSE;

  @Option(
      names = "--intermediates",
      description = "ZFS: send the snapshots in between too (zfs send -I)")
  boolean intermediates;

  @Option(
      names = "--direct",
      description =
          "do not move the bytes through here: by a pipe where both are on one host, else let the"
              + " source's host run ssh to the target's; not for volumes")
  boolean direct;

  @Option(
      names = "--bandwidth",
      paramLabel = "BYTES",
      description = "the most that each stream may move in a second: 500K, 8M, 1G",
      converter = ToBytes.class)
  Optional<Long> bandwidth = Optional.empty();

  SyncPolicy policy() {
    SyncPolicy.Builder policy =
        SyncPolicy.builder(onDivergence)
            .onBrokenChain(onBrokenChain)
            .intermediates(intermediates)
            .route(direct ? Route.DIRECT : Route.THROUGH_HERE);
    bandwidth.ifPresent(policy::bytesPerSecond);
    return policy.build();
  }

  private static <E extends Enum<E>> E choice(Class<E> type, String text) {
    for (E value : type.getEnumConstants()) {
      if (value.name().toLowerCase(Locale.ROOT).replace('_', '-').equals(text)) {
        return value;
      }
    }
    throw new TypeConversionException("no such choice: '" + text + "'");
  }

  static final class ToDivergence implements ITypeConverter<OnDivergence> {
    @Override
    public OnDivergence convert(String text) {
      return choice(OnDivergence.class, text);
    }
  }

  static final class ToBrokenChain implements ITypeConverter<OnBrokenChain> {
    @Override
    public OnBrokenChain convert(String text) {
      return choice(OnBrokenChain.class, text);
    }
  }

  static final class ToBytes implements ITypeConverter<Long> {
    @Override
    public Long convert(String text) {
      try {
        return Amounts.parseBytes(text);
      } catch (IllegalArgumentException e) {
        throw new TypeConversionException(e.getMessage());
      }
    }
  }
}
