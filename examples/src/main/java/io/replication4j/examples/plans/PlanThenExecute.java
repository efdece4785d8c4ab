package io.replication4j.examples.plans;

import io.replication4j.ReplicationJson;
import io.replication4j.ReplicationPair;
import io.replication4j.Side;
import io.replication4j.SyncListener;
import io.replication4j.SyncPlan;
import io.replication4j.SyncReport;
import io.replication4j.SyncStep;
import java.util.List;

/** A plan can be looked at, stored, changed; what runs is checked against the storage first. */
public final class PlanThenExecute {

  private PlanThenExecute() {}

  /** Shows the plan, lets somebody approve its JSON, and runs what was approved. */
  public static SyncReport approve(ReplicationPair pair, Approval approval) throws InterruptedException {
    SyncPlan plan = pair.plan(); // reads both sides, changes nothing
    System.out.println(plan); // every command, in order, with its host
    String json = ReplicationJson.write(plan);
    SyncPlan approved = ReplicationJson.readPlan(approval.of(json));
    return pair.execute(approved, SyncListener.NONE); // refused whole if it does not fit any more
  }

  /** Somebody who says yes, perhaps tomorrow. */
  public interface Approval {
    String of(String planAsJson) throws InterruptedException;
  }

  /** Runs the ready-made plan with a property set on the target at its end. */
  public static SyncReport labelled(ReplicationPair pair, String label) throws InterruptedException {
    SyncPlan plan = pair.plan();
    if (plan instanceof SyncPlan.Transfer transfer) {
      SyncStep step = new SyncStep.SetProperty(Side.TARGET, "", "com.example:label", label);
      plan = pair.describe(transfer.insert(transfer.steps().size(), step));
    }
    return pair.execute(plan, SyncListener.NONE);
  }

  /** The hosts on which a plan runs commands. */
  public static List<String> hosts(SyncPlan plan) {
    return plan.steps().stream()
        .flatMap(step -> step.commands().stream())
        .map(command -> command.host())
        .distinct()
        .toList();
  }
}
