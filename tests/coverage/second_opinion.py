"""The published models once more, written from their text alone: nothing here is shared with the program.

And a map of a small city, cell by cell and access point by access point, without tables, windows or 32-bit floats.
"""

import math

C = 3.0e8  # metres per second, as TR 38.901 says


def itu_p1411(d, f, alpha, beta, gamma):
    """P.1411-10 equation (1): L(d, f) = 10 alpha log10(d) + beta + 10 gamma log10(f)."""
    return math.log10(d**alpha * f**gamma) * 10 + beta


def itu_line_of_sight(d, f):
    return itu_p1411(d, f, 2.12, 29.2, 2.11)


def itu_high_rise(d, f):
    return itu_p1411(d, f, 4.00, 10.2, 2.36)


def itu_residential(d, f):
    return itu_p1411(d, f, 3.01, 18.8, 2.07)


def umi(d2d, f, h_bs, h_ut):
    """TR 38.901 table 7.4.1-1: PL of UMi street canyon with and without a line of sight, in dB."""
    d3d = (d2d**2 + (h_bs - h_ut) ** 2) ** 0.5
    d_bp = 4 * (h_bs - 1.0) * (h_ut - 1.0) * (f * 1e9) / C
    if d2d <= d_bp:
        pl_los = 32.4 + 21 * math.log10(d3d) + 20 * math.log10(f)
    else:
        pl_los = 32.4 + 40 * math.log10(d3d) + 20 * math.log10(f) - 9.5 * math.log10(d_bp**2 + (h_bs - h_ut) ** 2)
    pl_nlos_own = 35.3 * math.log10(d3d) + 22.4 + 21.3 * math.log10(f) - 0.3 * (h_ut - 1.5)
    return pl_los, max(pl_los, pl_nlos_own)


def umi_probability(d2d):
    """TR 38.901 table 7.4.2-1, UMi street canyon."""
    return 1.0 if d2d <= 18 else 18 / d2d + math.exp(-d2d / 36) * (1 - 18 / d2d)


def umi_mean(d2d, f, h_bs, h_ut):
    seen, hidden = umi(d2d, f, h_bs, h_ut)
    return umi_probability(d2d) * seen + (1 - umi_probability(d2d)) * hidden


def tail(x):
    """Q(x) of a standard normal value, by Simpson's rule over the density: no erfc."""
    if x < 0:
        return 1 - tail(-x)
    steps, end = 400, 9.0
    width = (end - x) / steps if x < end else 0.0
    density = [math.exp(-((x + i * width) ** 2) / 2) / math.sqrt(2 * math.pi) for i in range(steps + 1)]
    return width / 3 * sum(each * (1 if i in (0, steps) else 4 if i % 2 else 2) for i, each in enumerate(density))


def street_signal(power, d2d, f, h_bs, h_ut):
    """Mean of the medians; nearer than 10 m the model says nothing new."""
    return power - umi_mean(max(d2d, 10.0), f, h_bs, h_ut)


def street_likely(power, d2d, f, h_bs, h_ut, threshold):
    d = max(d2d, 10.0)
    (seen, hidden), p = umi(d, f, h_bs, h_ut), umi_probability(d)
    return p * tail((threshold - power + seen) / 4.0) + (1 - p) * tail((threshold - power + hidden) / 7.82)


def plain_map(transmitters, middles, floor, thresholds):
    """For each cell's middle (x, y in metres): the strongest signal or None, and how likely each threshold is met.

    `transmitters`: (x, y, loss(d) -> dB, likely(d, threshold) -> 0 to 1, power, farthest). What is under the floor is
    not heard.
    """
    cells = []
    for x, y in middles:
        heard = []
        for at_x, at_y, signal, likely, farthest in transmitters:
            d = math.sqrt((x - at_x) ** 2 + (y - at_y) ** 2)
            if d <= farthest and signal(d) >= floor:
                heard.append((signal(d), [likely(d, each) for each in thresholds]))
        none = [math.prod(1 - each[number] for _, each in heard) for number in range(len(thresholds))]
        cells.append((max((s for s, _ in heard), default=None), [1 - each for each in none]))
    return cells
