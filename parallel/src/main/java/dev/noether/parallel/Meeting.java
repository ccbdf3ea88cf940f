package dev.noether.parallel;

import dev.noether.torch.LibTorch;
import java.io.IOException;
import java.net.BindException;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** The ranks of a group that have come, and what this one tells them besides tensors. */
final class Meeting implements AutoCloseable {
  private final @Nullable Coordinator coordinator;
  private final Member member;
  private final String address;

  private Meeting(@Nullable Coordinator coordinator, Member member, String address) {
    this.coordinator = coordinator;
    this.member = member;
    this.address = address;
  }

  /** Comes to where rank 0 is, or is it, and waits for the others. */
  static Meeting of(Rendezvous where, int rank, int size, Duration timeout) {
    if (rank == 0) {
      return opened(where, size, timeout);
    }
    Rendezvous.Tcp place =
        where instanceof Rendezvous.SharedFile file
            ? SharedFile.read(file.path(), timeout)
            : (Rendezvous.Tcp) where;
    Member member = Member.join(place, rank, size, timeout);
    return new Meeting(null, member, member.address().getHostAddress());
  }

  private static Meeting opened(Rendezvous where, int size, Duration timeout) {
    Coordinator coordinator = null;
    try {
      if (where instanceof Rendezvous.Tcp place) {
        coordinator = new Coordinator(place.port(), size, timeout);
        return joined(coordinator, NetworkAddress.of(place.host()), size, timeout);
      }
      Rendezvous.SharedFile file = (Rendezvous.SharedFile) where;
      SharedFile.requireNew(file.path());
      String address = NetworkAddress.ofHost();
      coordinator = new Coordinator(0, size, timeout);
      SharedFile.write(file.path(), new Rendezvous.Tcp(address, coordinator.port()));
      return joined(coordinator, address, size, timeout);
    } catch (IOException e) {
      throw new IllegalArgumentException(refusal(where, e), e);
    } catch (RuntimeException e) {
      if (coordinator != null) {
        coordinator.close();
      }
      throw e;
    }
  }

  private static Meeting joined(
      Coordinator coordinator, String address, int size, Duration timeout) {
    Rendezvous.Tcp own = new Rendezvous.Tcp("localhost", coordinator.port());
    return new Meeting(coordinator, Member.join(own, 0, size, timeout), address);
  }

  private static String refusal(Rendezvous where, IOException cause) {
    if (cause instanceof BindException && where instanceof Rendezvous.Tcp place) {
      return "port " + place.port() + " is in use on this host: choose another one for all ranks";
    }
    return "rank 0 cannot open " + where + ": " + cause;
  }

  Member member() {
    return member;
  }

  /** Where the others reach this process. */
  String address() {
    return address;
  }

  /** After an exchange has failed here: whose fault that is. */
  Verdict complain(RuntimeException cause) {
    return member.complain(LibTorch.firstLine(cause));
  }

  /** Tells all why this rank ends; returns when they have heard it. */
  Verdict fail(RuntimeException reason) {
    Verdict verdict = member.fail(LibTorch.firstLine(reason));
    if (coordinator != null) {
      coordinator.close();
    }
    return verdict;
  }

  /** Leaves; rank 0 when the others have. */
  @Override
  public void close() {
    member.close();
    if (coordinator != null) {
      coordinator.close();
    }
  }
}
