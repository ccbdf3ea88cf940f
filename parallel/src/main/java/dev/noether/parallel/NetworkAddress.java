package dev.noether.parallel;

import java.io.IOException;
import java.net.InetAddress;
import java.net.NetworkInterface;
import java.net.UnknownHostException;

/** The address under which the other ranks reach this process. */
final class NetworkAddress {
  private NetworkAddress() {}

  /** What the others call rank 0's host, where that is its address. */
  static String of(String host) throws IOException {
    InetAddress address = InetAddress.getByName(host);
    return isOwn(address) ? address.getHostAddress() : ofHost();
  }

  /** That of the host's name; many a name leads nowhere, then the others are on this host. */
  static String ofHost() throws IOException {
    InetAddress loopback = InetAddress.getLoopbackAddress();
    try {
      InetAddress host = InetAddress.getLocalHost();
      return (isOwn(host) ? host : loopback).getHostAddress();
    } catch (UnknownHostException e) {
      return loopback.getHostAddress();
    }
  }

  private static boolean isOwn(InetAddress address) throws IOException {
    return NetworkInterface.getByInetAddress(address) != null;
  }
}
