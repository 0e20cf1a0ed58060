"""From packets to features, by the bastion's definitions and without its code."""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from terminals.anomaly.features import Features, Interval

UP, DOWN = 0, 1
Packet = tuple[float, int, int]  # seconds since the session began, way, bytes of payload


@dataclass(frozen=True)
class Tap:
    """Where the counting is done. ``pause``: two keys so far apart are no rhythm."""

    seconds: float = 5.0
    key_bytes: int = 64
    burst_gap: float = 1.0
    pause: float = 2.0

    def intervals(self, packets: Sequence[Packet], begins: float) -> Iterator[Interval]:
        """The intervals of a session; ``packets`` by time, ``begins``: hour of the local day."""
        ordered = iter(sorted(packets))
        packet = next(ordered, None)
        last_key = last_down = -math.inf
        burst, number = 0, 0
        while packet is not None:
            number += 1
            ends = number * self.seconds
            count, size = [0, 0], [0, 0]
            keys, gaps, squares, least = 0, 0.0, 0.0, math.inf
            timed, bursts, longest = 0, 0, burst
            while packet is not None and packet[0] < ends:
                at, way, length = packet
                count[way] += 1
                size[way] += length
                if way == DOWN:
                    if at - last_down > self.burst_gap:
                        bursts, burst = bursts + 1, 0
                    burst += length
                    longest = max(longest, burst)
                    last_down = at
                elif length <= self.key_bytes:
                    keys += 1
                    gap = at - last_key
                    last_key = at
                    if gap < self.pause:
                        timed += 1
                        gaps += gap
                        squares += gap * gap
                        least = min(least, gap)
                packet = next(ordered, None)
            mean = gaps / timed if timed else 0.0
            spread = math.sqrt(max(squares / timed - mean * mean, 0.0)) if timed else 0.0
            features = Features(
                seconds_us=round(self.seconds * 1e6),
                bytes_up=size[UP],
                bytes_down=size[DOWN],
                packets_up=count[UP],
                packets_down=count[DOWN],
                channels=int(number == 1),
                keys=keys,
                key_gaps=timed,
                key_gap_mean_us=round(mean * 1e6),
                key_gap_spread_us=round(spread * 1e6),
                key_gap_least_us=round(least * 1e6) if timed else 0,
                bursts=bursts,
                longest_burst=longest,
            )
            yield Interval(
                features,
                local_hour=int(begins + ends / 3600) % 24,
                entry_minutes=int(ends / 60) + 5,
            )
