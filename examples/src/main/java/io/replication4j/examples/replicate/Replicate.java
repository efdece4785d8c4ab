package io.replication4j.examples.replicate;

import io.replication4j.SyncListener;
import io.replication4j.examples.support.Commands;
import io.replication4j.examples.support.ProgressBar;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Replicates one filesystem to one or more targets: {@code replicate --help}. */
@Command(
    name = "replicate",
    mixinStandardHelpOptions = true,
    version = "replication4j 0.1.0-SNAPSHOT",
    sortOptions = false,
    usageHelpWidth = 100,
    description = {
      "Makes each TARGET what SOURCE is now: everything the first time, then only what changed.",
      "Discards nothing at a target, unless --on-divergence says so.%n"
    },
    footer = {
      "",
      "Addresses: zfs:tank/data  zfs://user@host:port/backup/data  btrfs:/srv/data"
          + "  btrfs://user@host:port/srv/data  lvm:vg0/data  lvm://user@host:port/vg0/data; %%XX"
          + " stands for a byte. A volume's target may also be a file or block device:"
          + " file:/srv/image  file://user@host:port/srv/image.",
      "With several targets, or without --name, snapshots are named after a hash of both addresses,"
          + " so that no target takes another one's base: a target that moves is a new target. With"
          + " --name JOB and one target they are named after JOB: give each target a JOB of its"
          + " own.",
      "",
      "Exit status: 0 synced or up to date, 1 failed, 2 usage, 3 blocked by a conflict, 130 ended"
          + " by Ctrl-C."
    })
public final class Replicate implements Callable<Integer> {

  private static final Duration TO_CLEAN_UP = Duration.ofSeconds(30);

  @Parameters(index = "0", paramLabel = "SOURCE", description = "what to replicate")
  private String source = "";

  @Parameters(index = "1..*", arity = "1..*", paramLabel = "TARGET", description = "where to")
  private List<String> targets = List.of();

  @Option(
      names = "--plan",
      description = "print what would be done, every command with its host, and do nothing")
  private boolean planOnly;

  @Option(
      names = "--verify",
      description =
          "compare the targets with what was sent last, and sync nothing; exit status 3 if one differs")
  private boolean verifyOnly;

  @Option(
      names = "--json",
      description =
          "print the report (or plan) as JSON: one object; with several targets its \"reports\" (or"
              + " \"plans\") are those of the targets, in order")
  private boolean json;

  @Option(
      names = {"-r", "--recursive"},
      description = "with all datasets or subvolumes below")
  private boolean recursive;

  @Option(
      names = "--name",
      paramLabel = "JOB",
      description = "name of this job, the same in every run")
  private Optional<String> name = Optional.empty();

  @Mixin private ConnectOptions connect = new ConnectOptions();

  @Mixin private PolicyOptions policy = new PolicyOptions();

  @Option(names = "-v", description = "log every step to standard error; -vv: every command")
  private boolean[] verbose = new boolean[0];

  @Option(
      names = "--progress-lines",
      hidden = true,
      description = "a line for every progress event")
  private boolean progressLines;

  @Spec private CommandSpec spec = CommandSpec.create();

  Replicate() {}

  public static void main(String[] args) {
    Commands.run(new Replicate(), TO_CLEAN_UP, "ended; the next run goes on from here", args);
  }

  @Override
  public Integer call() throws InterruptedException {
    setLogLevel();
    Job job = job();
    Output output =
        json ? new JsonOutput(System.out, System.err) : new TextOutput(System.out, System.err);
    SyncListener listener =
        progressLines ? new ProgressLines(System.err) : ProgressBar.onTerminal();
    try (Hosts hosts = new Hosts(connect)) {
      return act(job, hosts, listener, output);
    } catch (UsageException e) {
      throw usage(e);
    }
  }

  private int act(Job job, Hosts hosts, SyncListener listener, Output output)
      throws InterruptedException {
    if (planOnly) {
      return output.plans(job.plan(hosts));
    }
    return verifyOnly
        ? output.verifications(job.verify(hosts, listener))
        : output.reports(job.sync(hosts, listener));
  }

  private Job job() {
    if (planOnly && verifyOnly) {
      throw usage(new IllegalArgumentException("--plan and --verify exclude each other"));
    }
    try {
      Address from = Address.parse(source);
      List<Address> to = targets.stream().map(Address::parse).toList();
      requireUsable(from, to);
      return new Job(name, from, to, recursive, policy.policy());
    } catch (IllegalArgumentException e) {
      throw usage(e);
    }
  }

  private static void requireUsable(Address from, List<Address> to) {
    Set<String> seen = new HashSet<>(Set.of(from.canonical()));
    for (Address target : to) {
      if (!from.canBeSentTo(target)) {
        throw new IllegalArgumentException(
            "cannot replicate " + from + " to another kind: " + target);
      }
      if (!seen.add(target.canonical())) {
        throw new IllegalArgumentException("named twice: " + target);
      }
    }
  }

  private ParameterException usage(RuntimeException e) {
    return new ParameterException(spec.commandLine(), String.valueOf(e.getMessage()), e);
  }

  private void setLogLevel() {
    if (verbose.length > 0) {
      System.setProperty(
          "org.slf4j.simpleLogger.log.io.replication4j", verbose.length > 1 ? "debug" : "info");
    }
  }
}
