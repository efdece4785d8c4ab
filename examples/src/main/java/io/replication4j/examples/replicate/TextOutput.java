package io.replication4j.examples.replicate;

import io.replication4j.Conflict;
import io.replication4j.SyncPlan;
import io.replication4j.SyncReport;
import io.replication4j.Verification;
import io.replication4j.examples.support.Amounts;
import java.io.PrintStream;
import java.util.List;

/** Sentences: results on standard output, what needs somebody on standard error. */
final class TextOutput implements Output {

  private final PrintStream out;
  private final PrintStream err;

  TextOutput(PrintStream out, PrintStream err) {
    this.out = out;
    this.err = err;
  }

  @Override
  public int plans(List<SyncPlan> plans) {
    for (SyncPlan plan : plans) {
      plan.warnings().forEach(warning -> err.println("warning: " + warning));
      out.println(plan);
    }
    return Output.statusOfPlans(plans);
  }

  @Override
  public int reports(List<SyncReport> reports) {
    reports.forEach(this::report);
    return Output.statusOf(reports);
  }

  private void report(SyncReport report) {
    report.warnings().forEach(warning -> err.println("warning: " + warning));
    String places = report.source() + " -> " + report.target();
    switch (report.outcome()) {
      case SYNCED -> out.println("synced: " + places + ": " + amount(report));
      case UP_TO_DATE -> out.println("up to date: " + places + asOf(report));
      case BLOCKED ->
          err.println("blocked: " + report.conflict().map(Conflict::message).orElse(places));
      case FAILED -> err.println("failed: " + report.failure().orElse(places));
    }
  }

  @Override
  public int verifications(List<Verification> verifications) {
    verifications.forEach(this::verification);
    return Output.statusOfVerifications(verifications);
  }

  private void verification(Verification verification) {
    String places = verification.source() + " -> " + verification.target();
    String version = verification.asOf().map(time -> ", as of " + time).orElse("");
    if (verification.isEqual()) {
      out.println("equal: " + places + version);
      return;
    }
    err.println("differs: " + places + version);
    verification.differences().forEach(difference -> err.println("  " + words(difference)));
  }

  private static String words(Verification.Difference difference) {
    String member = difference.member().isEmpty() ? "" : difference.member() + ": ";
    if (difference instanceof Verification.Difference.Range range) {
      return member + range.length() + " bytes at " + range.offset();
    } else if (difference instanceof Verification.Difference.Size size) {
      return member + size.targetBytes() + " bytes instead of " + size.sourceBytes();
    }
    return member + ((Verification.Difference.Content) difference).detail();
  }

  private static String amount(SyncReport report) {
    return Amounts.bytes(report.bytes()) + " in " + Amounts.time(report.elapsed()) + asOf(report);
  }

  private static String asOf(SyncReport report) {
    return report.asOf().map(time -> ", as of " + time).orElse("");
  }
}
