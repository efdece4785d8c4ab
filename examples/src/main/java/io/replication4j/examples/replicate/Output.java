package io.replication4j.examples.replicate;

import io.replication4j.SyncPlan;
import io.replication4j.SyncReport;
import io.replication4j.Verification;
import java.util.List;

/** Prints results, and knows the exit status that goes with them. */
interface Output {

  int OK = 0;
  int FAILED = 1;
  int BLOCKED = 3;

  int plans(List<SyncPlan> plans);

  int reports(List<SyncReport> reports);

  int verifications(List<Verification> verifications);

  /** 3 if a target differs, else 0. */
  static int statusOfVerifications(List<Verification> verifications) {
    return verifications.stream().allMatch(Verification::isEqual) ? OK : BLOCKED;
  }

  /** 3 if a plan is blocked, else 0. */
  static int statusOfPlans(List<SyncPlan> plans) {
    return plans.stream().anyMatch(SyncPlan.Blocked.class::isInstance) ? BLOCKED : OK;
  }

  /** 1 if a target failed, else 3 if one is blocked, else 0. */
  static int statusOf(List<SyncReport> reports) {
    return switch (worst(reports)) {
      case FAILED -> FAILED;
      case BLOCKED -> BLOCKED;
      case SYNCED, UP_TO_DATE -> OK;
    };
  }

  /** The outcome that a reader has to know first. */
  static SyncReport.Outcome worst(List<SyncReport> reports) {
    List<SyncReport.Outcome> outcomes = reports.stream().map(SyncReport::outcome).toList();
    return List.of(SyncReport.Outcome.FAILED, SyncReport.Outcome.BLOCKED, SyncReport.Outcome.SYNCED)
        .stream()
        .filter(outcomes::contains)
        .findFirst()
        .orElse(SyncReport.Outcome.UP_TO_DATE);
  }
}
