"""Objects of the project with methods called sleep, connect, read, join and acquire, which do not block."""


class Robot:
    state = "awake"

    def sleep(self, seconds):
        self.state = f"asleep for {seconds}"

    def connect(self, other):
        self.other = other

    def read(self):
        return self.state

    def wait(self):
        return self.read()

    def acquire(self):
        return True

    def result(self):
        return self.wait()

    def recv(self):
        return b""

    def join(self):
        return self.other.read()


async def main():
    robot = Robot()
    robot.sleep(3)
    robot.connect(Robot())
    robot.acquire()
    robot.recv()
    robot.join()
    return robot.result()
