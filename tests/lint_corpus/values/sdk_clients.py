"""Sync clients of SDKs, of which a row covers every method: in attributes, in parameters, and by parts of them."""
# NOT RUN: the SDKs are not installed

import asyncio

import docker
import openai
import stripe


class Assistant:
    def __init__(self, client: openai.OpenAI | None = None):
        self.client = client or openai.OpenAI(api_key="k")
        self.completions = self.client.chat.completions

    def ask(self, text):
        return self.completions.create(model="m", messages=[text])

    async def answer(self, text):
        return self.ask(text)  # BLOCKS: openai.OpenAI


async def stop_all(client: docker.DockerClient):
    for container in await asyncio.to_thread(client.containers.list):
        container.stop()  # BLOCKS: docker.DockerClient


async def main():
    assistant = Assistant()
    await assistant.answer("a")
    stream = await asyncio.to_thread(assistant.client.responses.create, model="m", input="b", stream=True)
    for event in stream:  # BLOCKS: openai.OpenAI
        print(event)
    stripe.Charge.create(amount=1)  # BLOCKS: stripe.create
    await stop_all(await asyncio.to_thread(docker.from_env))
