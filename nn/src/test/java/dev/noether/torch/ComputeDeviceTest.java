package dev.noether.torch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assumptions.assumeThat;

import dev.noether.nn.linear.EquivariantLinear;
import dev.noether.rep.Representation;
import org.junit.jupiter.api.Test;

/** Names of devices, and devices that are not there. */
class ComputeDeviceTest {
  @Test
  void namesAreReadAndRefused() {
    assertThat(ComputeDevice.parse("cpu")).isEqualTo(ComputeDevice.CPU).hasToString("cpu");
    assertThat(ComputeDevice.CUDA).hasToString("cuda:0");
    assertThatThrownBy(() -> ComputeDevice.parse("tpu"))
        .hasMessage("a device is cpu, cuda or cuda:N, got 'tpu'");
    assertThatThrownBy(() -> new ComputeDevice("tpu", 0))
        .hasMessage("a device is cpu or cuda, got 'tpu'");
  }

  @Test
  void aGpuThatIsNotThereIsOneSentenceEverywhere() {
    assumeThat(LibTorch.cudaIsAvailable()).isFalse();
    String message =
        "device 'cuda:0' needs an NVIDIA GPU and LibTorch's CUDA libraries (noether-natives-cuda; for "
            + "the commands NOETHER_CUDA=1), and this machine offers none; use cpu";
    Representation rho = Representation.parse("C3: regular");
    EquivariantLinear layer = new EquivariantLinear(rho, rho);
    assertThatThrownBy(() -> layer.to(ComputeDevice.CUDA)).hasMessage(message);
    assertThatThrownBy(() -> ComputeDevice.parse("cuda")).hasMessage(message);
    assertThatThrownBy(ComputeDevice.CUDA::toTorch).hasMessage(message);
    assertThatThrownBy(() -> Cuda.synchronize(ComputeDevice.CUDA)).hasMessage(message);
    assertThat(Tensors.toArray(layer.forward(Tensors.of(Dtype.FLOAT32, new double[3], 3))))
        .hasSize(3);
  }
}
