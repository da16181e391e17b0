"""Random names: none is given out twice, whatever their lengths."""

from appliance.daemons.control.random_pool import POOL_BYTES, RandomPool


def test_every_byte_is_given_out_once(monkeypatch):
    drawn = []

    def draw(count):
        drawn.append(bytes([len(drawn)]) * count)
        return drawn[-1]

    monkeypatch.setattr("appliance.daemons.control.random_pool.os.urandom", draw)
    pool = RandomPool()
    names = [pool.hex(8) for _ in range(POOL_BYTES // 8)]
    assert len(drawn) == 1
    assert set(names) == {"00" * 8}
    assert pool.hex(12) == "01" * 12


def test_names_of_a_real_pool_differ():
    pool = RandomPool()
    names = [pool.hex(8) for _ in range(2000)]
    assert len(set(names)) == 2000
    assert all(len(name) == 16 for name in names)
