package io.replication4j;

import java.util.List;
import java.util.stream.Collectors;

/**
 * A step with the commands that it will run, in order. The commands are shown, not executed:
 * execution derives them from the step again. A step that was put into a plan by hand has none
 * until {@link ReplicationPair#describe}.
 */
public record PlannedStep(SyncStep step, List<PlannedCommand> commands) {

  public PlannedStep {
    commands = List.copyOf(commands);
  }

  @Override
  public String toString() {
    return commands.isEmpty()
        ? step.toString()
        : commands.stream().map(PlannedCommand::toString).collect(Collectors.joining("\n"));
  }
}
