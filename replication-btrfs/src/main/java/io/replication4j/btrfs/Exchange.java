package io.replication4j.btrfs;

import io.replication4j.command.Command;
import io.replication4j.command.CommandNotFoundException;
import io.replication4j.command.CommandRunner;
import java.util.List;
import java.util.Optional;

/** How a host swaps two names. Probed once. Thread-safe. */
final class Exchange {

  /** The ways, the best one first. */
  enum Way {
    /** {@code mv --exchange}, coreutils 9.5 and newer. */
    MV,
    /** perl(1) and the system call. */
    PERL,
    /** Renames one after the other; in between, the place is empty. */
    RENAMES
  }

  private static final Command HAS_MV = Command.of("mv", "--exchange", "--help");
  private static final Command HAS_PERL = Command.of("perl", "-e", "use POSIX ();");

  private volatile Optional<Way> way = Optional.empty();

  Way way(CommandRunner runner) throws InterruptedException {
    if (way.isEmpty()) {
      way =
          Optional.of(
              works(HAS_MV, runner) ? Way.MV : works(HAS_PERL, runner) ? Way.PERL : Way.RENAMES);
    }
    return way.get();
  }

  private static boolean works(Command command, CommandRunner runner) throws InterruptedException {
    try {
      return runner.run(command).succeeded();
    } catch (CommandNotFoundException e) {
      return false;
    }
  }

  /**
   * The commands after which {@code next} is what {@code place} was, and the other way round.
   *
   * @param meanwhile a free name, needed where the host cannot do it at once
   */
  List<Command> commands(String next, String place, String meanwhile, CommandRunner runner)
      throws InterruptedException {
    return switch (way(runner)) {
      case MV -> List.of(Command.of("mv", "--exchange", "-T", "--", next, place));
      case PERL -> List.of(Command.of("perl", "-e", BtrfsCommands.EXCHANGE_SCRIPT, next, place));
      case RENAMES ->
          List.of(
              BtrfsCommands.rename(place, meanwhile),
              BtrfsCommands.rename(next, place),
              BtrfsCommands.rename(meanwhile, next));
    };
  }
}
