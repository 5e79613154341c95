// SPDX-License-Identifier: Apache-2.0
package ai.dsr.core.tensor;

import ai.djl.Device;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Names of devices: {@code cpu}, {@code cuda}, {@code cuda:1}, {@code cuda:0-7}, or several separated by commas. */
public final class Devices {
    private static final Pattern NAME = Pattern.compile("cpu|cuda(?::(\\d{1,3})(?:-(\\d{1,3}))?)?");

    private Devices() {}

    /**
     * The devices of a name, in its order. {@code cpu,cpu} is the CPU twice, for two replicas of a model on it.
     *
     * @throws IllegalArgumentException if it is no such name
     */
    public static List<Device> parse(String text) {
        List<Device> devices = new ArrayList<>();
        for (String name : text.split(",", -1)) {
            Matcher matcher = NAME.matcher(name.strip());
            if (!matcher.matches()) {
                throw new IllegalArgumentException("device: expected cpu, cuda:N or cuda:N-M, got " + text);
            }
            if (name.strip().equals("cpu")) {
                devices.add(Device.cpu());
                continue;
            }
            int first = matcher.group(1) == null ? 0 : Integer.parseInt(matcher.group(1));
            int last = matcher.group(2) == null ? first : Integer.parseInt(matcher.group(2));
            if (last < first) {
                throw new IllegalArgumentException("device: expected cuda:N-M with N up to M, got " + text);
            }
            for (int i = first; i <= last; i++) {
                devices.add(Device.gpu(i));
            }
        }
        requireOneKind(devices, text);
        return devices;
    }

    private static void requireOneKind(List<Device> devices, String text) {
        if (devices.stream().map(Device::getDeviceType).distinct().count() > 1) {
            throw new IllegalArgumentException("device: expected devices of one kind, got " + text);
        }
        if (devices.get(0).isGpu() && devices.stream().distinct().count() < devices.size()) {
            throw new IllegalArgumentException("device: expected each GPU once, got " + text);
        }
    }
}
